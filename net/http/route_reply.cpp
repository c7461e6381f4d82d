#include "net/http/route_reply.hpp"

#include "base/guarded.hpp"
#include "net/http/cross_origin.hpp"
#include "net/http/handshake.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <string>
#include <utility>

namespace troupe::net {

namespace http = boost::beast::http;

using http::status;
using http::verb;

namespace {

const refusal too_large{status::payload_too_large, "the body is too large"};

/// Returns the methods of a route as a header line.
std::string allow(const route& to) {
  std::string result = "Allow: ";
  if (to.has_content())
    result += "GET, HEAD, ";
  if (to.post)
    result += "POST, ";
  return result + "OPTIONS\r\n";
}

bool is_allowed(const route& to, verb method) {
  switch (method) {
    case verb::get:
    case verb::head:
      return to.has_content();
    case verb::post:
      return to.post != nullptr;
    default:
      return method == verb::options;
  }
}

/// Returns who else may send requests with a method; null if nobody may.
const cors* cors_of(const route& to, std::string_view method) {
  auto is_get = method == "GET" || method == "HEAD";
  const auto& result = is_get ? to.get_cors : to.post_cors;
  return result && (is_get || method == "POST") ? &*result : nullptr;
}

/// Checks a request with the method POST. Browsers send some of them from pages
/// of any origin, with cookies and without asking.
std::optional<refusal> check_post(const route& to, const http_request& head,
                                  const request& req,
                                  const listener_config& cfg) {
  auto origin = req.header("Origin");
  if (!origin.empty() && !is_same_origin(req, cfg.public_url)
      && !(to.post_cors && allows(*to.post_cors, origin)))
    return refusal{status::forbidden, "this origin is not allowed"};
  if (body_size(head).value_or(0) > cfg.max_body_size)
    return too_large;
  if (head.version() == 11 && head.count(http::field::expect) > 0
      && has_body(head) && !expects_continue(head))
    return refusal{status::expectation_failed, "unknown expectation"};
  return std::nullopt;
}

reply serve(const page& what, const request& req,
            std::shared_ptr<const void> owner) {
  if (matches(req.header("If-None-Match"), what.etag))
    return {begin_reply(status::not_modified) + what.cache_fields};
  return {begin_reply(status::ok) + what.cache_fields + what.body_fields,
          {{std::move(owner), what.bytes.data()}, what.bytes, 0}};
}

} // namespace

std::optional<refusal> check_route(const route& to, const http_request& head,
                                   const request& req,
                                   const listener_config& cfg) {
  if (!is_allowed(to, head.method()))
    return refusal{status::method_not_allowed, "this method is not allowed",
                   allow(to)};
  if (head.method() == verb::post)
    return check_post(to, head, req, cfg);
  if (has_body(head))
    return refusal{status::payload_too_large, "a request body is not accepted"};
  return std::nullopt;
}

std::string cross_origin_fields(const route& to, const request& req) {
  auto is_preflight = req.method() == "OPTIONS";
  auto method = is_preflight ? req.header("Access-Control-Request-Method")
                             : req.method();
  const auto* x = cors_of(to, method);
  if (x == nullptr)
    return {};
  return is_preflight ? preflight_fields(*x, req)
                      : cross_origin_fields(*x, req);
}

std::optional<refusal> check_body(body_state state) {
  switch (state) {
    case body_state::complete:
      return std::nullopt;
    case body_state::too_large:
      return too_large;
    case body_state::no_memory:
      return refusals::too_many_wait;
    default:
      return refusal{status::bad_request, "the body is malformed"};
  }
}

reply redirect_to_tls(const http_request& head, const request& req,
                      std::string_view public_url) {
  if (wants_websocket(head))
    return make_reply({status::forbidden, "this port needs TLS: use wss://"});
  if (public_url.empty() && req.host().empty())
    return make_reply({status::bad_request, "this port needs TLS"});
  return {begin_redirect(req, public_url)};
}

reply tell_methods() {
  return {begin_reply(status::no_content)
          + "Allow: GET, HEAD, POST, OPTIONS\r\n"};
}

reply respond(const route& to, const request& req,
              std::shared_ptr<const void> owner) {
  if (req.method() == "OPTIONS")
    return {begin_reply(status::no_content) + allow(to)};
  if (to.files)
    return to.files->respond(req, below(to.pattern, req.path()));
  return serve(*to.page, req, std::move(owner));
}

std::optional<response> call(const http_handler& f, const request& req,
                             http_responder to) {
  std::optional<response> result;
  auto called = guarded("http", "the handler of a request", [&] {
    try {
      f(req, std::move(to));
    } catch (const http_error& e) {
      result = {.body = e.what(), .status = e.status()};
    }
  });
  if (!called)
    result = {.body = "the handler has failed\n", .status = 500};
  return result;
}

} // namespace troupe::net
