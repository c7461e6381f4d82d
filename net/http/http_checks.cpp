#include "net/http/http_checks.hpp"

#include "base/ascii.hpp"
#include "base/guarded.hpp"
#include "base/origin.hpp"
#include "troupe/log.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <string>

namespace troupe::net {

namespace http = boost::beast::http;

using http::field;
using http::status;

namespace {

bool has_folded_line(std::string_view head) {
  return head.find("\r\n ") != head.npos || head.find("\r\n\t") != head.npos;
}

std::string_view value(const http_request& req, field name) {
  auto i = req.find(name);
  if (i == req.end())
    return {};
  return {i->value().data(), i->value().size()};
}

/// Returns whether any field `name` contains `token`. A list may be split into
/// several fields.
bool has_token(const http_request& req, field name, std::string_view token) {
  auto [i, end] = req.equal_range(name);
  for (; i != end; ++i)
    if (base::list_contains({i->value().data(), i->value().size()}, token))
      return true;
  return false;
}

/// Returns whether `x` has the form of 16 bytes in base64.
bool is_key(std::string_view x) {
  return x.size() == 24 && x.ends_with("==");
}

/// Returns whether the page that sends the request is one of this server.
bool is_same_origin(const request& req, std::string_view public_url) {
  auto origin = req.header("Origin");
  if (!public_url.empty())
    return base::matches_origin(public_url, origin);
  auto scheme = req.scheme();
  return base::is_same_origin(origin, req.header("Host"))
         && (scheme.empty() || base::has_scheme(origin, scheme));
}

/// Returns whether the default rule allows the request. Requests without Origin
/// do not come from a browser, so they cannot be cross-site requests.
bool is_friendly(const request& req, const config& cfg,
                 std::string_view public_url) {
  auto origin = req.header("Origin");
  return origin.empty() || is_same_origin(req, public_url)
         || std::ranges::any_of(cfg.allowed_origins, [&](const auto& x) {
              return base::matches_origin(x, origin);
            });
}

bool accepts_origin(const request& req, const config& cfg,
                    std::string_view public_url) {
  if (cfg.allow_any_origin)
    return true;
  if (!cfg.check_origin)
    return is_friendly(req, cfg, public_url);
  auto accepted = false;
  guarded("http", "check_origin", [&] { accepted = cfg.check_origin(req); });
  return accepted;
}

} // namespace

std::optional<refusal> check_head(const http_request& req,
                                  std::string_view head) {
  auto hosts = req.count(field::host);
  if (hosts > 1 || (hosts == 0 && req.version() >= 11))
    return refusal{status::bad_request, "exactly one Host field is needed"};
  if (has_folded_line(head))
    return refusal{status::bad_request, "folded header lines are obsolete"};
  if (req.count(field::origin) > 1) // ambiguous for the check of origins
    return refusal{status::bad_request, "more than one Origin field"};
  // Bodies are not supported: Beast 1.81 accepts invalid codings and trailers.
  if (req.count(field::transfer_encoding) > 0)
    return refusal{status::bad_request, "Transfer-Encoding is not accepted"};
  if (value(req, field::content_length).find(',') != std::string_view::npos)
    return refusal{status::bad_request, "Content-Length is no number"};
  return std::nullopt;
}

bool has_body(const http_request& req) {
  auto size = value(req, field::content_length);
  return size.find_first_not_of('0') != size.npos;
}

bool wants_websocket(const http_request& req) {
  return has_token(req, field::upgrade, "websocket")
         && has_token(req, field::connection, "upgrade");
}

std::optional<refusal> check_handshake(const http_request& req) {
  if (req.method() != http::verb::get)
    return refusal{status::method_not_allowed, "a handshake is a GET",
                   "Allow: GET\r\n"};
  if (req.version() != 11)
    return refusal{status::bad_request, "a handshake needs HTTP/1.1"};
  if (has_body(req))
    return refusal{status::bad_request, "a handshake has no body"};
  if (req.count(field::sec_websocket_key) != 1
      || !is_key(value(req, field::sec_websocket_key)))
    return refusal{status::bad_request, "no Sec-WebSocket-Key, or a wrong one"};
  if (req.count(field::sec_websocket_version) != 1)
    return refusal{status::bad_request, "no Sec-WebSocket-Version"};
  if (value(req, field::sec_websocket_version) != "13")
    return refusal{status::upgrade_required, "WebSocket version 13 is needed",
                   "Sec-WebSocket-Version: 13\r\n"};
  return std::nullopt;
}

std::optional<refusal> check_origin(const request& req, const config& cfg,
                                    std::string_view public_url) {
  if (accepts_origin(req, cfg, public_url))
    return std::nullopt;
  return refusal{status::forbidden, "this origin is not allowed"};
}

} // namespace troupe::net
