#include "troupe/request.hpp"

#include "base/ascii.hpp"
#include "base/request_target.hpp"
#include "troupe/codec.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

std::string_view first_line(std::string_view head) {
  return head.substr(0, head.find("\r\n"));
}

std::string_view received_path(std::string_view target) {
  auto all = base::origin_form(target);
  return all.substr(0, all.find('?'));
}

/// Returns whether a Content-Type is that of JSON (RFC 8259, RFC 6839).
bool is_json(std::string_view type) {
  auto name = base::to_lower(base::trim(base::split_off(type, ';')));
  return name == "application/json"
         || (name.starts_with("application/") && name.ends_with("+json"));
}

} // namespace

request::request(std::string head, std::string_view pattern,
                 std::string remote_address, uint16_t remote_port,
                 url_scheme scheme)
  : head_{std::move(head)},
    remote_address_{std::move(remote_address)},
    remote_port_{remote_port},
    scheme_{scheme} {
  auto line = first_line(head_);
  method_size_ = std::min(line.size(), line.find(' '));
  line.remove_prefix(std::min(line.size(), method_size_ + 1));
  target_size_ = std::min(line.size(), line.find(' '));
  auto received = received_path(target());
  path_ = base::is_plain_path(received) ? std::string{received}
                                        : base::normalize_path(received);
  if (pattern.ends_with('*') && path().size() >= pattern.size() - 1)
    wildcard_ = base::percent_decode(path().substr(pattern.size() - 1));
}

std::string_view request::method() const noexcept {
  return std::string_view{head_}.substr(0, method_size_);
}

std::string_view request::target() const noexcept {
  std::string_view head = head_; // Empty if the request has been moved.
  head.remove_prefix(std::min(head.size(), method_size_ + 1));
  return head.substr(0, target_size_);
}

std::string_view request::host() const noexcept {
  auto named = base::authority_of(target());
  return named ? *named : header("Host");
}

std::string request::query(std::string_view key) const {
  auto all = target();
  auto begin = all.find('?');
  auto rest = begin == all.npos ? std::string_view{} : all.substr(begin + 1);
  while (!rest.empty()) {
    auto pair = base::split_off(rest, '&');
    auto name = base::split_off(pair, '=');
    if (base::form_decode(name) == key)
      return base::form_decode(pair);
  }
  return {};
}

std::string_view request::header(std::string_view name) const noexcept {
  std::string_view rest = head_;
  rest.remove_prefix(std::min(rest.size(), first_line(rest).size() + 2));
  while (!rest.empty()) {
    auto line = base::split_off(rest, '\n');
    auto field = base::split_off(line, ':');
    if (base::equal_without_case(field, name))
      return base::trim(line);
  }
  return {};
}

std::string_view request::cookie(std::string_view name) const noexcept {
  auto rest = header("Cookie");
  while (!rest.empty()) {
    auto value = base::split_off(rest, ';');
    if (base::trim(base::split_off(value, '=')) != name)
      continue;
    value = base::trim(value);
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

std::string request::bearer_token() const {
  constexpr std::string_view scheme = "Bearer ";
  auto credentials = header("Authorization");
  if (base::equal_without_case(credentials.substr(0, scheme.size()), scheme))
    return std::string{base::trim(credentials.substr(scheme.size()))};
  constexpr std::string_view prefix = "bearer.";
  auto offers = header("Sec-WebSocket-Protocol");
  while (!offers.empty())
    if (auto x = base::trim(base::split_off(offers, ','));
        x.starts_with(prefix))
      return std::string{x.substr(prefix.size())};
  return query("access_token");
}

nlohmann::json request::parse_json() const {
  if (!is_json(header("Content-Type")))
    throw http_error{415, "the body must be application/json\n"};
  auto result = value_of({{}, type_tag::json, body_});
  if (body_.empty() || !result) // An event without payload is null.
    throw http_error{400, "the body is not JSON\n"};
  return std::move(*result);
}

std::string_view request::scheme() const noexcept {
  if (scheme_ == url_scheme::unknown)
    return {};
  return is_secure() ? "https" : "http";
}

} // namespace troupe
