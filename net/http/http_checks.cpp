#include "net/http/http_checks.hpp"

#include "base/ascii.hpp"
#include "base/guarded.hpp"
#include "base/host.hpp"
#include "base/origin.hpp"
#include "base/request_target.hpp"
#include "net/wire/deflate_offer.hpp"
#include "troupe/log.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <charconv>
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

/// Returns whether the body has a coding that is supported. Beast 1.81 accepts
/// `chunked, identity`, and chunks in HTTP/1.0.
bool is_chunked(const http_request& req) {
  return req.method() == http::verb::post && req.version() == 11
         && base::equal_without_case(join_fields(req, field::transfer_encoding),
                                     "chunked");
}

bool has_token(const http_request& req, field name, std::string_view token) {
  return base::list_contains(join_fields(req, name), token);
}

/// Returns whether the target has only characters of a URI (RFC 3986), and
/// those of ASCII that browsers do not encode, such as '|'.
bool is_target(std::string_view x) {
  return std::ranges::all_of(x, [](char c) {
    return c > ' ' && c < 0x7f && c != '#';
  });
}

/// Returns whether `x` is 16 bytes in base64. The four bits that stand for
/// nothing may be set (RFC 4648 section 3.5), as in the keys of some clients.
bool is_key(std::string_view x) {
  constexpr size_t digits = 22;
  constexpr std::string_view alphabet
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return x.size() == digits + 2 && x.ends_with("==")
         && x.find_first_not_of(alphabet) == digits;
}

/// Returns whether `list` consists of tokens. Elements may be empty (RFC 9110
/// section 5.6.1).
bool is_token_list(std::string_view list) {
  while (!list.empty())
    if (auto x = base::trim(base::split_off(list, ','));
        !x.empty() && !base::is_token(x))
      return false;
  return true;
}

/// Checks the lists of what a client offers.
std::optional<refusal> check_offers(const http_request& req) {
  if (!is_token_list(join_fields(req, field::sec_websocket_protocol)))
    return refusal{status::bad_request, "Sec-WebSocket-Protocol is no list"};
  if (!is_extension_list(join_fields(req, field::sec_websocket_extensions)))
    return refusal{status::bad_request, "Sec-WebSocket-Extensions is no list"};
  return std::nullopt;
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

const refusal refusals::failed{status::service_unavailable,
                               "a part of this server has failed",
                               {},
                               handshake_result::failed};

const refusal refusals::too_many_wait{status::service_unavailable,
                                      "too many requests wait for this server",
                                      {},
                                      handshake_result::limit};

std::string join_fields(const http_request& req, field name) {
  std::string result;
  auto [i, end] = req.equal_range(name);
  for (; i != end; ++i)
    result.append(result.empty() ? "" : ",")
      .append(i->value().data(), i->value().size());
  return result;
}

bool lower_version(std::string& input) {
  constexpr std::string_view name = " HTTP/1.";
  auto end = input.find("\r\n");
  if (end == input.npos || end <= name.size())
    return false;
  auto digit = end - 1;
  if (input.compare(digit - name.size(), name.size(), name) != 0
      || input[digit] < '2' || input[digit] > '9')
    return false;
  input[digit] = '1';
  return true;
}

refusal refusal_for(boost::system::error_code why) {
  if (why == http::error::header_limit)
    return {status::request_header_fields_too_large,
            "the request's head is too large"};
  return {status::bad_request, "not an HTTP/1 request"};
}

std::optional<refusal> check_head(const http_request& req,
                                  std::string_view head) {
  if (req.method() == http::verb::unknown)
    return refusal{status::not_implemented, "this method is unknown"};
  std::string_view target{req.target().data(), req.target().size()};
  auto named = base::authority_of(target);
  if (!is_target(target) || (named && !base::is_host(*named)))
    return refusal{status::bad_request, "the target is no URI"};
  auto hosts = req.count(field::host);
  if (hosts > 1 || (hosts == 0 && req.version() >= 11))
    return refusal{status::bad_request, "exactly one Host field is needed"};
  if (hosts == 1 && !base::is_host(value(req, field::host)))
    return refusal{status::bad_request, "the Host field is no host"};
  if (has_folded_line(head))
    return refusal{status::bad_request, "folded header lines are obsolete"};
  if (req.count(field::origin) > 1) // ambiguous for the check of origins
    return refusal{status::bad_request, "more than one Origin field"};
  if (req.count(field::transfer_encoding) > 0 && !is_chunked(req))
    return refusal{status::bad_request, "Transfer-Encoding is not accepted"};
  if (value(req, field::content_length).find(',') != std::string_view::npos)
    return refusal{status::bad_request, "Content-Length is no number"};
  return std::nullopt;
}

std::optional<uint64_t> body_size(const http_request& req) {
  if (req.count(field::transfer_encoding) > 0)
    return std::nullopt;
  uint64_t result = 0; // Beast has checked the digits.
  auto digits = value(req, field::content_length);
  std::from_chars(digits.data(), digits.data() + digits.size(), result);
  return result;
}

bool has_body(const http_request& req) {
  return body_size(req) != 0;
}

bool expects_continue(const http_request& req) {
  return req.version() == 11 && has_body(req)
         && base::equal_without_case(value(req, field::expect), "100-continue");
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
                   "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\n"};
  return check_offers(req);
}

bool is_same_origin(const request& req, std::string_view public_url) {
  auto origin = req.header("Origin");
  if (!public_url.empty())
    return base::matches_origin(public_url, origin);
  auto scheme = req.scheme();
  return base::is_same_origin(origin, req.host())
         && (scheme.empty() || base::has_scheme(origin, scheme));
}

std::optional<refusal> check_origin(const request& req, const config& cfg,
                                    std::string_view public_url) {
  if (accepts_origin(req, cfg, public_url))
    return std::nullopt;
  return refusal{status::forbidden,
                 "this origin is not allowed",
                 {},
                 handshake_result::origin};
}

} // namespace troupe::net
