#include "net/http/cross_origin.hpp"

#include "base/ascii.hpp"
#include "base/origin.hpp"
#include "troupe/error.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::net {

namespace {

constexpr std::string_view everyone = "*";

bool is_for_all(const cors& x) {
  return std::ranges::find(x.origins, everyone) != x.origins.end();
}

/// Origins that any page can have.
bool is_anonymous(std::string_view origin) {
  return origin == everyone || base::equal_without_case(origin, "null");
}

caf::error fault(std::string_view what, std::string_view value) {
  return make_error(errc::invalid_config, "cors: " + std::string{what} + " \""
                                            + std::string{value} + '"');
}

std::string join(const std::vector<std::string>& xs) {
  std::string result;
  for (const auto& x : xs)
    result.append(result.empty() ? "" : ", ").append(x);
  return result;
}

} // namespace

caf::error check_cors(const cors& x) {
  for (const auto& origin : x.origins) {
    if (origin != everyone && !base::is_origin_pattern(origin))
      return fault("not an origin:", origin);
    if (x.credentials && is_anonymous(origin))
      return fault("credentials are not for the origin", origin);
  }
  for (const auto& name : x.headers)
    if (!base::is_token(name))
      return fault("not the name of a header field:", name);
  if (x.max_age < caf::timespan{0})
    return fault("max_age is negative", "");
  return {};
}

bool allows(const cors& x, std::string_view origin) {
  return std::ranges::any_of(x.origins, [&](const std::string& allowed) {
    return allowed == everyone || base::matches_origin(allowed, origin);
  });
}

std::string cross_origin_fields(const cors& x, const request& req) {
  if (is_for_all(x))
    return "Access-Control-Allow-Origin: *\r\n";
  std::string result = "Vary: Origin\r\n";
  auto origin = req.header("Origin");
  if (origin.empty() || !allows(x, origin))
    return result;
  result.append("Access-Control-Allow-Origin: ").append(origin).append("\r\n");
  if (x.credentials)
    result += "Access-Control-Allow-Credentials: true\r\n";
  return result;
}

std::string preflight_fields(const cors& x, const request& req) {
  auto result = cross_origin_fields(x, req);
  if (!allows(x, req.header("Origin")))
    return result;
  auto age = std::chrono::duration_cast<std::chrono::seconds>(x.max_age);
  result.append("Access-Control-Allow-Methods: ")
    .append(req.header("Access-Control-Request-Method"))
    .append("\r\nAccess-Control-Max-Age: " + std::to_string(age.count()))
    .append("\r\n");
  if (!x.headers.empty())
    result += "Access-Control-Allow-Headers: " + join(x.headers) + "\r\n";
  return result;
}

} // namespace troupe::net
