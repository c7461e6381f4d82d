#include "net/http/http_session.hpp"

#include "base/guarded.hpp"
#include "net/http/handshake.hpp"
#include "net/http/http_port.hpp"
#include "net/http/http_reply.hpp"
#include "net/io/lingering_close.hpp"
#include "net/runtime/peer_log.hpp"
#include "net/ws/ws_session.hpp"
#include "troupe/log.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <utility>

namespace troupe::net {

namespace http = boost::beast::http;

namespace {

/// Response after a failure; makes load balancers take the server out of
/// service.
const refusal failed{http::status::service_unavailable,
                     "a part of this server has failed"};

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

http_session::http_session(descriptor socket, const tcp::endpoint& peer,
                           worker& event_loop,
                           std::shared_ptr<const http_port> port)
  : session{std::move(socket), event_loop},
    port_{std::move(port)},
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
  close();
}

void http_session::on_ready(uint32_t events) {
  auto self = shared_from_this();
  note(events);
  if (phase_ == phase::answering)
    write_on();
  if (phase_ == phase::reading)
    read();
}

// -- reading ------------------------------------------------------------------

/// Makes at most one read; requests another call if there may be more.
void http_session::read() {
  auto is_over = false;
  if (!has_more_ && is_readable()) { // Limits the buffered requests.
    auto input = receive();
    input_.append(input.bytes.data(), input.bytes.size());
    is_over = input.is_over;
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
  while (!input_.empty()) {
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
  if (!parser_)
    begin_request();
  error_code ec;
  parsed_ += parser_->put(asio::buffer(input_) + parsed_, ec);
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
  const auto& settings = port_->settings();
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(settings.max_header_size));
  parser_->body_limit(boost::none); // checked separately
  keep_alive_ = false;              // until the head is valid
  path_known_ = false;
  if (began_ == time_point{})
    began_ = loop_.now();
  expire_after(began_ - loop_.now() + settings.request_timeout,
               "no whole request in time");
}

/// Applies the handshake time-out of the endpoint as soon as the request line
/// with the path is complete.
void http_session::apply_handshake_timeout() {
  auto end = path_known_ ? input_.npos : input_.find("\r\n");
  if (end == input_.npos)
    return;
  path_known_ = true;
  request begun{input_.substr(0, end), "", "", 0};
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
  const auto& req = parser_->get();
  pending_.remove();
  ++requests_;
  client_ = port_->clients().client_of(peer_, req);
  request_ = make_request("");
  auto wrong = check_head(req, head());
  if (!wrong)
    wrong = port_->clients().check(request_, client_.address);
  keep_alive_ = !wrong && req.keep_alive() && !has_body(req)
                && requests_ < port_->settings().max_requests_per_connection;
  const auto* to = port_->find(request_.path());
  if (to && to->endpoint && (!to->page || wants_websocket(req)))
    upgrade(*to, std::move(wrong));
  else if (wrong)
    refuse(std::move(*wrong));
  else if (to && to->tells_health && port_->is_any_endpoint_lost())
    refuse(failed);
  else if (to)
    answer(*to->page);
  else
    refuse({http::status::not_found, "not found"});
}

void http_session::answer(const page& what) {
  const auto& req = parser_->get();
  if (req.method() != http::verb::get && req.method() != http::verb::head)
    refuse({http::status::method_not_allowed, "only GET and HEAD are allowed",
            "Allow: GET, HEAD\r\n"});
  else if (has_body(req))
    refuse({http::status::payload_too_large, "a request body is not accepted"});
  else if (matches(request_.header("If-None-Match"), what.etag))
    write(begin_reply(http::status::not_modified) + what.cache_fields, {});
  else
    write(begin_reply(http::status::ok) + what.cache_fields + what.body_fields,
          {{port_, what.bytes.data()}, what.bytes, 0});
}

void http_session::refuse(refusal why) {
  auto head = begin_reply(why);
  write(std::move(head), to_slice(std::move(why.why)));
}

/// Completes `head` and sends it with `body`.
void http_session::write(std::string head, slice body) {
  const auto& req = parser_->get();
  if (!keep_alive_)
    head += "Connection: close\r\n";
  else if (req.version() < 11)
    head += "Connection: keep-alive\r\n";
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
  if (!stream_.queued().empty())
    return; // continues when the socket is writable
  if (keep_alive_)
    return next_request();
  phase_ = phase::ended;
  auto last = std::make_shared<lingering_close>(release(), loop_);
  last->keep(std::move(place_));
  last->start("");
}

void http_session::next_request() {
  input_.erase(0, parsed_);
  parsed_ = 0;
  parser_.reset();
  began_ = {};
  complaint_ = nullptr; // A silent client is not an error now.
  phase_ = phase::reading;
}

// -- upgrading ----------------------------------------------------------------

/// @param wrong the error in the head, if any.
void http_session::upgrade(const route& to, std::optional<refusal> wrong) {
  const auto& req = parser_->get();
  const auto& settings = to.endpoint->settings();
  request_ = make_request(to.pattern);
  if (!wrong && to.endpoint->is_lost())
    wrong = failed;
  if (!wrong)
    wrong = check_upgrade(req, request_, settings, input_.size() > parsed_,
                          port_->settings().public_url);
  if (!wrong && client_.address != peer_.address)
    wrong = port_->clients().admit(place_, client_.address);
  if (wrong) {
    if (wants_websocket(req))
      keep_alive_ = false;
    tell_refusal(request_, settings, *wrong);
    return refuse(std::move(*wrong));
  }
  phase_ = phase::ended;
  auto answer = accept(req, settings);
  auto upgraded = std::make_shared<ws_session>(
    release(), loop_, to.limits, peer_name(client_address(), client_.port),
    std::move(answer.subprotocol));
  upgraded->keep(std::move(place_));
  upgraded->open(std::move(answer.reply), answer.deflates);
  upgraded->start(attach(to, upgraded));
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

/// Returns the head without the empty line at its end.
std::string_view http_session::head() const noexcept {
  return std::string_view{input_}.substr(0, parsed_ - 2);
}

request http_session::make_request(std::string_view pattern) const {
  return {std::string{head()}, pattern, client_address(), client_.port,
          client_.scheme};
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
