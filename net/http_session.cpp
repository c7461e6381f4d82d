#include "net/http_session.hpp"

#include "net/http_port.hpp"
#include "net/http_reply.hpp"
#include "net/ws_session.hpp"
#include "troupe/log.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <array>
#include <exception>
#include <utility>

namespace troupe::net {

namespace http = boost::beast::http;

using namespace std::chrono_literals;

namespace {

/// How long a client that was refused may take to read why.
constexpr auto linger_time = 2s;

/// The peer's address; an IPv4 one as such, whatever the socket.
asio::ip::address plain(const asio::ip::address& x) {
  if (x.is_v6() && x.to_v6().is_v4_mapped())
    return make_address_v4(asio::ip::v4_mapped, x.to_v6());
  return x;
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

http_session::http_session(tcp_socket socket, worker& home,
                           std::shared_ptr<const http_port> port)
  : socket_{std::move(socket)},
    home_{home},
    port_{std::move(port)} {
}

http_session::~http_session() = default;

void http_session::start() {
  error_code ec;
  auto remote = socket_.remote_endpoint(ec);
  if (!ec)
    socket_.non_blocking(true, ec);
  if (ec)
    return; // gone already
  socket_.set_option(tcp::no_delay{true}, ec);
  remote_address_ = plain(remote.address()).to_string();
  remote_port_ = remote.port();
  home_.add(*this);
  expire_after(port_->settings().request_timeout);
  read();
}

void http_session::close() {
  closed_ = true;
  error_code ignored;
  socket_.close(ignored);
}

void http_session::on_tick(time_point now) {
  if (now >= deadline_)
    close(); // what is pending is told, and lets go of this
}

// -- reading ------------------------------------------------------------------

void http_session::read() {
  socket_.async_wait(tcp_socket::wait_read,
                     [self = shared_from_this()](error_code ec) {
                       self->on_readable(ec);
                     });
}

void http_session::on_readable(error_code ec) {
  std::array<char, 4096> buf;
  auto size = ec ? 0 : socket_.read_some(asio::buffer(buf), ec);
  if (ec == asio::error::would_block || (!ec && lingering_))
    return read();
  if (ec)
    return close();
  input_.append(buf.data(), size);
  parse();
}

void http_session::parse() {
  if (input_.empty())
    return read();
  if (!parser_) {
    parser_.emplace();
    parser_->header_limit(
      static_cast<uint32_t>(port_->settings().max_header_size));
    parser_->body_limit(boost::none); // checked by hand
    keep_alive_ = false;              // until the head is fine
    expire_after(port_->settings().request_timeout);
  }
  error_code ec;
  parsed_ += parser_->put(asio::buffer(input_) + parsed_, ec);
  if (ec == http::error::need_more)
    read();
  else if (ec)
    on_parse_error(ec);
  else
    on_request();
}

void http_session::on_parse_error(error_code ec) {
  if (ec == http::error::header_limit)
    refuse({http::status::request_header_fields_too_large,
            "the request's head is too large"});
  else
    refuse({http::status::bad_request, "this is no HTTP/1 request"});
}

// -- answering ----------------------------------------------------------------

void http_session::on_request() {
  const auto& req = parser_->get();
  if (auto wrong = check_head(req, head()))
    return refuse(*wrong);
  keep_alive_ = req.keep_alive() && !has_body(req);
  request_ = {std::string{head()}, "", remote_address_, remote_port_};
  if (const auto* to = port_->find(request_.path()))
    answer(*to);
  else
    refuse({http::status::not_found, "there is nothing here"});
}

void http_session::answer(const route& to) {
  const auto& req = parser_->get();
  if (to.endpoint && wants_websocket(req))
    upgrade(to);
  else if (!to.page)
    refuse({http::status::upgrade_required, "this is a WebSocket endpoint",
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"});
  else if (req.method() != http::verb::get && req.method() != http::verb::head)
    refuse({http::status::method_not_allowed, "only GET and HEAD",
            "Allow: GET, HEAD\r\n"});
  else if (has_body(req))
    refuse({http::status::payload_too_large, "no body is expected"});
  else
    send_page(*to.page);
}

void http_session::send_page(const page& what) {
  if (matches(request_.header("If-None-Match"), what.etag))
    write(begin_reply(http::status::not_modified) + what.cache_fields, {});
  else
    write(begin_reply(http::status::ok) + what.cache_fields + what.body_fields,
          what.bytes);
}

void http_session::refuse(const refusal& why) {
  auto head = begin_reply(why.status);
  head += why.fields;
  head += text_fields(why.why.size());
  write(std::move(head), why.why);
}

/// Ends the head and sends it with `body`, which must stay where it is.
void http_session::write(std::string head, std::string_view body) {
  const auto& req = parser_->get();
  if (!keep_alive_)
    head += "Connection: close\r\n";
  else if (req.version() < 11)
    head += "Connection: keep-alive\r\n";
  head += "\r\n";
  output_ = std::move(head);
  if (req.method() == http::verb::head)
    body = {};
  expire_after(port_->settings().keep_alive_timeout);
  std::array<asio::const_buffer, 2> buffers{asio::buffer(output_),
                                            asio::buffer(body)};
  asio::async_write(socket_, buffers,
                    [self = shared_from_this()](error_code ec, size_t) {
                      self->on_written(ec);
                    });
}

void http_session::on_written(error_code ec) {
  if (ec || closed_)
    return close();
  if (keep_alive_)
    next_request();
  else
    linger();
}

void http_session::next_request() {
  input_.erase(0, parsed_);
  parsed_ = 0;
  parser_.reset();
  parse();
}

/// Closing with bytes unread would send RST, which may overtake the answer.
void http_session::linger() {
  error_code ec;
  socket_.shutdown(tcp_socket::shutdown_send, ec);
  if (ec)
    return close();
  lingering_ = true;
  expire_after(linger_time);
  read();
}

// -- upgrading ----------------------------------------------------------------

void http_session::upgrade(const route& to) {
  request_ = {std::string{head()}, to.pattern, remote_address_, remote_port_};
  auto wrong = check_handshake(parser_->get());
  if (!wrong && input_.size() > parsed_)
    wrong = refusal{http::status::bad_request, "bytes before the handshake"};
  if (!wrong)
    wrong = check_origin(request_, to.endpoint->settings());
  if (wrong) {
    keep_alive_ = false;
    return refuse(*wrong);
  }
  upgraded_ = std::make_shared<ws_session>(std::move(socket_), home_, to.limits,
                                           remote_address_ + ' '
                                             + std::to_string(remote_port_));
  upgraded_->accept(parser_->get(),
                    [self = shared_from_this(), &to](error_code ec) {
                      self->on_upgraded(to, ec);
                    });
}

void http_session::on_upgraded(const route& to, error_code ec) {
  auto session = std::move(upgraded_);
  if (ec || closed_)
    return session->abort();
  session->start(attach(to, session));
}

/// @returns null if nobody takes the session, which then closes.
std::shared_ptr<actors::inbox>
http_session::attach(const route& to,
                     const std::shared_ptr<ws_session>& session) {
  try {
    return to.endpoint->attach(session, std::move(request_), home_);
  } catch (const std::exception& x) {
    log(log_level::error, std::string{"no actor for a client: "} + x.what());
  } catch (...) {
    log(log_level::error, "no actor for a client");
  }
  session->close(close_code::internal_error, "");
  return nullptr;
}

// -- properties ---------------------------------------------------------------

/// Without the empty line that ends it.
std::string_view http_session::head() const noexcept {
  return std::string_view{input_}.substr(0, parsed_ - 2);
}

void http_session::expire_after(caf::timespan time) {
  deadline_ = home_.now() + time;
}

} // namespace troupe::net
