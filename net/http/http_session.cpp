#include "net/http/http_session.hpp"

#include "base/guarded.hpp"
#include "net/http/handshake.hpp"
#include "net/http/header_fields.hpp"
#include "net/http/http_port.hpp"
#include "net/http/http_reply.hpp"
#include "net/io/lingering_close.hpp"
#include "net/runtime/peer_log.hpp"
#include "net/ws/expiry.hpp"
#include "net/ws/ws_session.hpp"
#include "troupe/log.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <utility>

namespace troupe::net {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view allowed_methods = "Allow: GET, HEAD, OPTIONS\r\n";

bool is_allowed(http::verb x) noexcept {
  return x == http::verb::get || x == http::verb::head
         || x == http::verb::options;
}

const refusal too_many_wait{http::status::service_unavailable,
                            "too many requests wait for this server"};

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

http_session::http_session(transport connection, const tcp::endpoint& peer,
                           worker& event_loop,
                           std::shared_ptr<const http_port> port)
  : session{std::move(connection), event_loop},
    port_{std::move(port)},
    reader_{port_->settings().max_header_size},
    peer_{base::unmapped(peer.address()), peer.port()},
    client_{peer_} {
}

http_session::~http_session() = default;

void http_session::start() {
  began_ = loop_.now();
  // Browsers open connections in advance, so a time-out without a request is
  // not logged.
  expire_after(port_->settings().request_timeout, nullptr);
  port_->clients().await_request(pending_, peer_.address, loop_,
                                 [self = weak_from_this()] {
                                   if (auto x = self.lock())
                                     x->close_pending();
                                 });
  begin(shared_from_this());
}

void http_session::close() {
  phase_ = phase::ended;
  end();
}

void http_session::close_pending() {
  if (requests_ == 0) // else it was just in time
    close();
}

void http_session::on_tick(time_point now) {
  if (now < deadline_)
    return;
  if (complaint_ != nullptr)
    log_peer("http", client_address(), complaint_);
  auto self = shared_from_this();
  if (phase_ != phase::waiting)
    close();
  else if (undecided_)
    on_verdict({.body = "no decision in time"});
  else
    on_response({.body = "no response in time\n", .status = 503});
}

void http_session::on_ready(uint32_t events) {
  auto self = shared_from_this();
  note(events);
  if (phase_ == phase::answering)
    write_on();
  if (phase_ == phase::reading)
    read();
  else if (phase_ == phase::waiting && has_peer_ended())
    close();
}

// -- reading ------------------------------------------------------------------

/// Makes at most one read; requests another call if there may be more.
void http_session::read() {
  auto is_over = false;
  if (!has_more_ && is_readable()) { // Limits the buffered requests.
    auto input = receive();
    reader_.add(input.bytes);
    is_over = input.is_over;
    if (input.why.category() == asio::error::get_ssl_category())
      log_peer("http", client_address(), "TLS: " + input.why.message());
  }
  has_more_ = parse_all();
  if (phase_ != phase::reading)
    return;
  if (is_over && !has_more_)
    close();
  else if (has_more_ || is_readable())
    loop_.sockets().call(*this);
}

/// Processes buffered requests until the share of the turn is spent.
/// @returns whether there may be another complete request.
bool http_session::parse_all() {
  while (!reader_.empty()) {
    if (phase_ != phase::reading || loop_.is_share_spent())
      return true;
    if (!parse())
      return false;
  }
  return false;
}

/// Processes one request.
/// @returns whether a request was complete.
bool http_session::parse() {
  auto is_first = !reader_.has_begun();
  auto ec = reader_.parse();
  if (is_first && reader_.has_begun())
    begin_request();
  if (ec == http::error::need_more) {
    apply_handshake_timeout();
    return false;
  }
  if (ec)
    on_parse_error(ec);
  else
    on_request();
  return true;
}

void http_session::begin_request() {
  keep_alive_ = false; // until the head is valid
  path_known_ = false;
  if (began_ == time_point{})
    began_ = loop_.now();
  expire_after(began_ - loop_.now() + port_->settings().request_timeout,
               "no whole request in time");
}

/// Applies the handshake time-out of the endpoint as soon as the request line
/// with the path is complete.
void http_session::apply_handshake_timeout() {
  auto line = reader_.first_line();
  if (path_known_ || line.empty())
    return;
  path_known_ = true;
  request begun{std::string{line}, "", "", 0};
  if (const auto* to = port_->find(begun.path()); to && to->endpoint)
    deadline_ = std::min(deadline_,
                         began_ + to->endpoint->settings().handshake_timeout);
}

void http_session::on_parse_error(error_code ec) {
  if (ec == http::error::header_limit)
    refuse({http::status::request_header_fields_too_large,
            "the request's head is too large"});
  else
    refuse({http::status::bad_request, "not an HTTP/1 request"});
}

// -- answering ----------------------------------------------------------------

void http_session::on_request() {
  const auto& req = reader_.get();
  pending_.remove();
  ++requests_;
  client_ = port_->clients().client_of(peer_, req);
  request_ = make_request("");
  auto wrong = check_head(req, reader_.head());
  if (!wrong)
    wrong = port_->clients().check(request_, client_.address);
  const auto* to = port_->find(request_.path());
  if (!wrong)
    wrong = port_->check(to ? to->probe : probe::none);
  keep_alive_ = !wrong && req.keep_alive() && !has_body(req)
                && requests_ < port_->settings().max_requests_per_connection;
  if (!wrong && port_->settings().tls.is_enabled() && !stream_.is_encrypted())
    redirect();
  else if (to && to->endpoint && (!to->has_content() || wants_websocket(req)))
    upgrade(*to, std::move(wrong));
  else if (wrong)
    refuse(std::move(*wrong));
  else if (to)
    answer(*to);
  else if (req.method() == http::verb::options && request_.target() == "*")
    tell_methods();
  else
    refuse({http::status::not_found, "not found"});
}

/// Responds to an unencrypted request on a TLS port. Clients do not follow
/// redirects of handshakes.
void http_session::redirect() {
  if (wants_websocket(reader_.get())) {
    keep_alive_ = false;
    return refuse({http::status::forbidden, "this port needs TLS: use wss://"});
  }
  write(begin_redirect(request_, port_->settings().public_url), {});
}

void http_session::answer(const route& to) {
  const auto& req = reader_.get();
  if (!is_allowed(req.method()))
    refuse({http::status::method_not_allowed, "only GET and HEAD are allowed",
            std::string{allowed_methods}});
  else if (has_body(req))
    refuse({http::status::payload_too_large, "a request body is not accepted"});
  else if (req.method() == http::verb::options)
    tell_methods();
  else if (to.handler)
    call(to);
  else
    answer(*to.page);
}

void http_session::answer(const page& what) {
  if (matches(request_.header("If-None-Match"), what.etag))
    write(begin_reply(http::status::not_modified) + what.cache_fields, {});
  else
    write(begin_reply(http::status::ok) + what.cache_fields + what.body_fields,
          {{port_, what.bytes.data()}, what.bytes, 0});
}

/// Answers OPTIONS (RFC 9110 section 9.3.7).
void http_session::tell_methods() {
  write(begin_reply(http::status::no_content).append(allowed_methods), {});
}

/// Calls the handler of a route.
void http_session::call(const route& to) {
  request_ = make_request(to.pattern);
  if (!wait_for_program(port_->settings().response_timeout))
    return refuse(too_many_wait);
  auto called = guarded("http", "the handler of a request", [&] {
    to.handler(request_, responder{receiver(&http_session::on_response),
                                   weak_from_this()});
  });
  if (!called)
    on_response({.body = "the handler has failed\n", .status = 500});
}

void http_session::on_response(response x) {
  slot_.reset();
  if (auto why = find_fault(x); !why.empty()) {
    log_limited(log_level::error, {.category = "http"},
                "the response to " + std::string{request_.path()} + ' ' + why);
    x = {.body = "the response is invalid\n", .status = 500};
  }
  auto head = begin_reply(x);
  write(std::move(head), to_slice(std::move(x.body)));
  if (phase_ == phase::reading)
    loop_.sockets().call(*this); // Further requests may have arrived.
}

/// @returns false if too many requests wait.
bool http_session::wait_for_program(caf::timespan time) {
  slot_ = port_->enter_waiting();
  if (!slot_)
    return false;
  phase_ = phase::waiting;
  ++waits_;
  expire_after(time, nullptr); // The response is logged, if it is an error.
  return true;
}

/// Returns a function that calls `f` on this thread, unless the request has
/// been responded to before.
template <class T>
std::function<void(T)> http_session::receiver(void (http_session::*f)(T)) {
  return [weak = weak_from_this(), wait = waits_, f](T x) {
    if (auto self = weak.lock())
      asio::post(self->loop_.io(), [self, wait, f, x = std::move(x)]() mutable {
        if (self->phase_ == phase::waiting && self->waits_ == wait)
          ((*self).*f)(std::move(x));
      });
  };
}

void http_session::refuse(refusal why) {
  auto head = begin_reply(why);
  write(std::move(head), to_slice(std::move(why.why)));
}

/// Completes `head` and sends it with `body`.
void http_session::write(std::string head, slice body) {
  const auto& req = reader_.get();
  keep_alive_ = keep_alive_ && port_->is_ready();
  if (!keep_alive_)
    head += "Connection: close\r\n";
  else if (req.version() < 11)
    head += "Connection: keep-alive\r\n";
  if (auto hsts = port_->settings().tls.hsts; stream_.is_encrypted())
    head += strict_transport(hsts);
  head += "\r\n";
  stream_.queue(to_slice(std::move(head)));
  if (req.method() != http::verb::head)
    stream_.queue(std::move(body));
  expire_after(port_->settings().keep_alive_timeout,
               "the answer was not read in time");
  phase_ = phase::answering;
  stream_.flush(); // at once: the next request is parsed only afterwards
  write_on();
}

void http_session::write_on() {
  if (stream_.failed())
    return close();
  if (stream_.has_unsent())
    return; // continues when the socket is writable
  if (keep_alive_)
    return next_request();
  phase_ = phase::ended;
  auto last = std::make_shared<lingering_close>(release(), loop_);
  last->keep(std::move(place_));
  last->start("");
}

void http_session::next_request() {
  reader_.next();
  began_ = {};
  complaint_ = nullptr; // A silent client is not an error now.
  phase_ = phase::reading;
}

// -- upgrading ----------------------------------------------------------------

/// @param wrong the error in the head, if any.
void http_session::upgrade(const route& to, std::optional<refusal> wrong) {
  const auto& req = reader_.get();
  const auto& settings = to.endpoint->settings();
  request_ = make_request(to.pattern);
  if (!wrong && to.endpoint->is_lost())
    wrong = part_has_failed;
  if (!wrong)
    wrong = check_upgrade(req, request_, settings, reader_.has_more(),
                          port_->settings().public_url);
  if (!wrong && client_.address != peer_.address)
    wrong = port_->clients().admit(place_, client_.address);
  if (wrong)
    refuse_upgrade(to, std::move(*wrong));
  else if (settings.authorize)
    authorize(to);
  else
    accept_upgrade(to, {});
}

void http_session::refuse_upgrade(const route& to, refusal why) {
  if (wants_websocket(reader_.get()))
    keep_alive_ = false;
  tell_refusal(request_, to.endpoint->settings(), why);
  refuse(std::move(why));
}

/// Lets the program decide, at once or later.
void http_session::authorize(const route& to) {
  const auto& settings = to.endpoint->settings();
  auto left = began_ + settings.handshake_timeout - loop_.now();
  if (!wait_for_program(std::min(left, deadline_ - loop_.now())))
    return refuse_upgrade(to, too_many_wait);
  undecided_ = &to;
  auto called = guarded("http", "authorize", [&] {
    settings.authorize(request_, decision{receiver(&http_session::on_verdict),
                                          weak_from_this()});
  });
  if (!called)
    on_verdict({.status = 500, .body = "the check has failed"});
}

/// Continues the handshake.
void http_session::on_verdict(verdict x) {
  const auto& to = *std::exchange(undecided_, nullptr);
  slot_.reset();
  auto wrong = check_verdict(reader_.get(), x);
  if (!wrong) // else it would come after the last wave of a drain
    wrong = port_->check();
  if (wrong)
    return refuse_upgrade(to, std::move(*wrong));
  request_.set_principal(std::move(x.principal));
  accept_upgrade(to, x);
}

void http_session::accept_upgrade(const route& to, const verdict& x) {
  phase_ = phase::ended;
  auto answer = accept(reader_.get(), to.endpoint->settings(), x.reply);
  auto upgraded = std::make_shared<ws_session>(
    release(), loop_, to.limits, peer_name(client_address(), client_.port),
    std::move(answer.subprotocol));
  upgraded->keep(std::move(place_));
  upgraded->open(std::move(answer.reply), answer.window_bits);
  upgraded->start(attach(to, upgraded));
  expiry::set(upgraded, x.until, loop_);
}

/// @returns the upper layer; null if the endpoint does not accept `upgraded`,
///          which then closes.
std::shared_ptr<actors::upper_layer>
http_session::attach(const route& to,
                     const std::shared_ptr<ws_session>& upgraded) {
  std::shared_ptr<actors::upper_layer> result;
  auto attached = guarded("http", "making the actor of a client", [&] {
    result = to.endpoint->attach(upgraded, std::move(request_), loop_);
  });
  if (!attached)
    upgraded->close(close_code::internal_error, "");
  return result;
}

// -- properties ---------------------------------------------------------------

request http_session::make_request(std::string_view pattern) const {
  return {std::string{reader_.head()}, pattern, client_address(), client_.port,
          stream_.is_encrypted() ? url_scheme::https : client_.scheme};
}

std::string http_session::client_address() const {
  return client_.address.to_string();
}

/// @param complaint logged when the time has passed; null if that is not an
///                  error.
void http_session::expire_after(caf::timespan time, const char* complaint) {
  deadline_ = loop_.now() + time;
  complaint_ = complaint;
}

} // namespace troupe::net
