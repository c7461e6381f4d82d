#include "net/http/http_session.hpp"

#include "base/guarded.hpp"
#include "net/http/handshake.hpp"
#include "net/http/header_fields.hpp"
#include "net/http/http_port.hpp"
#include "net/http/http_reply.hpp"
#include "net/http/route_reply.hpp"
#include "net/io/lingering_close.hpp"
#include "net/runtime/access_log.hpp"
#include "net/runtime/peer_log.hpp"
#include "net/ws/ws_session.hpp"
#include "troupe/log.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <utility>

namespace troupe::net {

namespace http = boost::beast::http;

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
      on_tls_failure(input.why);
  }
  has_more_ = parse_all();
  if (phase_ != phase::reading)
    return;
  if (is_over && !has_more_)
    close();
  else if (has_more_ || is_readable())
    loop_.sockets().call(*this);
}

void http_session::on_tls_failure(error_code why) {
  loop_.counters().tls_failures.add(1);
  log_peer("http", client_address(), "TLS: " + why.message());
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

/// Processes one request, or the body of one.
/// @returns whether it was complete.
bool http_session::parse() {
  if (body_)
    return parse_body();
  auto is_first = !reader_.has_begun();
  auto ec = reader_.parse();
  if (is_first && reader_.has_begun())
    begin_request();
  if (ec == http::error::need_more) {
    apply_handshake_timeout();
    return false;
  }
  if (ec) {
    request_ = {"", "", client_address(), client_.port};
    refuse(refusal_for(ec));
  } else {
    on_request();
  }
  return true;
}

bool http_session::parse_body() {
  reader_.skip(body_->consume(reader_.rest()));
  if (body_->state() == body_state::incomplete)
    return false;
  if (has_body(reader_.get()))
    note_request();
  if (auto wrong = check_body(body_->state())) {
    refuse(*wrong);
  } else {
    keep_alive_ = may_continue();
    request_.set_body(body_->take());
    call(receiver_->post);
  }
  return true;
}

void http_session::begin_request() {
  received_ = loop_.now();
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

// -- answering ----------------------------------------------------------------

void http_session::on_request() {
  const auto& req = reader_.get();
  if (!has_body(req))
    note_request();
  client_ = port_->clients().client_of(peer_, req);
  request_ = make_request("");
  auto wrong = check_head(req, reader_.head());
  if (!wrong)
    wrong = port_->clients().check(request_, client_.address);
  const auto* to = port_->find(request_.path());
  if (!wrong)
    wrong = port_->check(to ? to->probe : probe::none);
  keep_alive_ = !wrong && !has_body(req) && may_continue();
  if (!wrong && port_->settings().tls.is_enabled() && !stream_.is_encrypted())
    redirect();
  else if (to && to->endpoint
           && (wants_websocket(req) || !to->responds_to(req.method())))
    upgrade(*to, std::move(wrong));
  else if (wrong)
    refuse(*wrong);
  else if (to)
    answer(*to);
  else if (req.method() == http::verb::options && request_.target() == "*")
    write(tell_methods());
  else
    refuse({http::status::not_found, "not found"});
}

/// Responds to an unencrypted request on a TLS port.
void http_session::redirect() {
  if (wants_websocket(reader_.get())) {
    keep_alive_ = false;
    loop_.counters().add(handshake_result::invalid);
  }
  write(redirect_to_tls(reader_.get(), request_, port_->settings().public_url));
}

void http_session::answer(const route& to) {
  const auto& req = reader_.get();
  request_ = make_request(to.pattern);
  cross_origin_ = cross_origin_fields(to, request_);
  if (auto wrong = check_route(to, req, request_, port_->settings()))
    refuse(*wrong);
  else if (req.method() == http::verb::post)
    begin_body(to);
  else if (to.get && req.method() != http::verb::options)
    call(to.get);
  else
    write(respond(to, request_, port_));
}

void http_session::begin_body(const route& to) {
  receiver_ = &to;
  body_.emplace(body_size(reader_.get()), port_->settings().max_body_size,
                port_->memory_for(client_.address));
  if (expects_continue(reader_.get()) && !reader_.has_more())
    stream_.queue(to_slice("HTTP/1.1 100 Continue\r\n\r\n"));
}

/// Calls a handler of a route.
void http_session::call(const http_handler& f) {
  if (!wait_for_program(port_->settings().response_timeout))
    return refuse(refusals::too_many_wait);
  if (auto failed = net::call(
        f, request_, {deliverer(&http_session::on_response), weak_from_this()}))
    on_response(std::move(*failed));
}

void http_session::on_response(response x) {
  slot_.reset();
  if (auto why = find_fault(x); !why.empty()) {
    log_limited(log_level::error, {.category = "http"},
                "the response to " + std::string{request_.path()} + ' ' + why);
    x = {.body = "the response is invalid\n", .status = 500};
  }
  write(make_reply(std::move(x)));
  if (phase_ == phase::reading)
    loop_.sockets().call(*this); // Further requests may have arrived.
}

/// @returns false if too many requests wait.
bool http_session::wait_for_program(caf::timespan time) {
  slot_ = port_->enter_waiting(client_.address);
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
std::function<void(T)> http_session::deliverer(void (http_session::*f)(T)) {
  return [weak = weak_from_this(), wait = waits_, f](T x) {
    if (auto self = weak.lock())
      asio::post(self->loop_.io(), [self, wait, f, x = std::move(x)]() mutable {
        if (self->phase_ == phase::waiting && self->waits_ == wait)
          ((*self).*f)(std::move(x));
      });
  };
}

void http_session::refuse(const refusal& why) {
  write(make_reply(why));
}

/// Completes the head of `x` and sends it with the body.
void http_session::write(reply x) {
  body_.reset();
  keep_alive_ = keep_alive_ && port_->is_ready();
  x.head += std::exchange(cross_origin_, {});
  x.head += connection_fields(reader_.get().version(), keep_alive_);
  if (stream_.is_encrypted())
    x.head += strict_transport(port_->settings().tls.hsts);
  x.head += "\r\n";
  if (reader_.get().method() == http::verb::head)
    x.drop_body();
  access_log::of_process().tell(request_, received_, status_of(x.head),
                                x.size());
  expire_after(port_->settings().keep_alive_timeout, unread);
  phase_ = phase::answering;
  sender_.begin(std::move(x)); // at once: then the next request is parsed
  write_on();
}

void http_session::write_on() {
  using progress = reply_sender::progress;
  switch (sender_.go_on()) {
    case progress::failed:
      return close();
    case progress::waiting:
      return;            // continues when the socket is writable
    case progress::more: // One piece a round: other sockets are served, too.
      expire_after(port_->settings().keep_alive_timeout, unread);
      return loop_.sockets().call(*this);
    case progress::done:
      return keep_alive_ ? next_request() : end_politely();
  }
}

void http_session::end_politely() {
  phase_ = phase::ended;
  auto last = std::make_shared<lingering_close>(release(), loop_);
  last->keep(std::move(place_));
  last->start("");
}

void http_session::next_request() {
  reader_.next();
  request_ = {};
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
    wrong = refusals::failed;
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
  if (wants_websocket(reader_.get())) {
    keep_alive_ = false;
    loop_.counters().add(why.cause);
  }
  tell_refusal(request_, to.endpoint->settings(), why);
  refuse(why);
}

/// Lets the program decide, at once or later.
void http_session::authorize(const route& to) {
  const auto& settings = to.endpoint->settings();
  auto left = began_ + settings.handshake_timeout - loop_.now();
  if (!wait_for_program(std::min(left, deadline_ - loop_.now())))
    return refuse_upgrade(to, refusals::too_many_wait);
  undecided_ = &to;
  auto called = guarded("http", "authorize", [&] {
    settings.authorize(request_, decision{deliverer(&http_session::on_verdict),
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
  loop_.counters().add(handshake_result::accepted);
  auto answer = accept(reader_.get(), to.endpoint->settings(), x.reply);
  auto upgraded = std::make_shared<ws_session>(
    release(), loop_, to.limits, peer_name(client_address(), client_.port),
    std::move(answer.subprotocol));
  upgraded->keep(std::move(place_));
  if (access_log::of_process().is_open())
    upgraded->record({request_, received_});
  upgraded->expire_at(x.until);
  upgraded->open(std::move(answer.reply), answer.window_bits);
  upgraded->start(to.attach(upgraded, std::move(request_), loop_));
}

// -- properties ---------------------------------------------------------------

/// Counts a complete request.
void http_session::note_request() {
  pending_.remove();
  ++requests_;
}

/// Returns whether another request may follow the current one.
bool http_session::may_continue() const {
  return reader_.get().keep_alive()
         && requests_ < port_->settings().max_requests_per_connection;
}

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
