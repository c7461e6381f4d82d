#include "net/http/http_reply.hpp"

#include "base/request_target.hpp"
#include "net/http/header_fields.hpp"
#include "net/io/coalescing_stream.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <utility>

namespace troupe::net {

namespace {

/// Returns the current date; formatted once per second.
const std::string& date() {
  thread_local std::time_t made_at = 0;
  thread_local std::string result;
  if (auto now = std::time(nullptr); now != made_at) {
    made_at = now;
    result = format_date(now);
  }
  return result;
}

} // namespace

std::string format_date(std::time_t x) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm t{};
  gmtime_r(&x, &t);
  std::array<char, 64> buf;
  auto size = std::snprintf(buf.data(), buf.size(),
                            "%s, %02d %s %04d %02d:%02d:%02d GMT",
                            days[static_cast<size_t>(t.tm_wday)], t.tm_mday,
                            months[static_cast<size_t>(t.tm_mon)],
                            t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
  return {buf.data(), static_cast<size_t>(size)};
}

std::string begin_reply(boost::beast::http::status status) {
  using namespace boost::beast::http;
  auto code = static_cast<unsigned>(status);
  std::string result = "HTTP/1.1 " + std::to_string(code) + ' ';
  if (int_to_status(code) != status::unknown) {
    auto reason = obsolete_reason(status);
    result.append(reason.data(), reason.size());
  }
  result += "\r\nServer: troupe\r\nDate: ";
  result += date();
  result += "\r\n";
  return result;
}

reply make_reply(response x) {
  auto head = begin_reply(static_cast<boost::beast::http::status>(x.status))
              + to_lines(x.fields);
  if (x.status == 204 || x.status == 304) // RFC 9110 section 8.6
    return {std::move(head)};
  head += "Content-Type: " + x.type
          + "\r\nContent-Length: " + std::to_string(x.body.size())
          + "\r\nX-Content-Type-Options: nosniff\r\n";
  return {std::move(head), to_slice(std::move(x.body))};
}

unsigned status_of(std::string_view head) noexcept {
  constexpr std::string_view version = "HTTP/1.1 ";
  constexpr size_t digits = 3;
  unsigned result = 0;
  auto number = head.substr(std::min(version.size(), head.size()), digits);
  std::from_chars(number.data(), number.data() + number.size(), result);
  return result;
}

std::string begin_redirect(const request& req, std::string_view public_url) {
  std::string url{public_url};
  if (url.empty())
    url.append("https://").append(req.host());
  auto target = base::origin_form(req.target());
  url += target.starts_with('/') ? target : "/";
  return begin_reply(boost::beast::http::status::permanent_redirect)
         + "Location: " + url + "\r\n" + text_fields(0);
}

std::string_view connection_fields(unsigned version, bool continues) {
  if (!continues)
    return "Connection: close\r\n";
  return version < 11 ? "Connection: keep-alive\r\n" : "";
}

std::string strict_transport(caf::timespan time) {
  if (time <= caf::timespan{0})
    return {};
  auto age = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  return "Strict-Transport-Security: max-age=" + std::to_string(age) + "\r\n";
}

std::string text_fields(size_t size) {
  return "Content-Type: text/plain; charset=utf-8\r\n"
         "X-Content-Type-Options: nosniff\r\n"
         "Content-Length: "
         + std::to_string(size) + "\r\n";
}

} // namespace troupe::net
