#include "net/http/upgrade_handoff.hpp"

#include "net/io/lingering_close.hpp"
#include "net/runtime/access_log.hpp"
#include "net/runtime/peer_log.hpp"
#include "troupe/error.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/http/parser.hpp>

#include <cerrno>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe::net {

namespace http = boost::beast::http;

using http::status;

namespace {

void send_at_once(int socket) {
  int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/// @returns nothing if `head` is not a valid HTTP/1 request.
std::optional<http_request> parse(const std::string& head) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(std::numeric_limits<uint32_t>::max()); // in memory
  parser.body_limit(boost::none);
  error_code ec;
  auto size = parser.put(asio::buffer(head + "\r\n"), ec);
  if (ec || !parser.is_header_done() || size != head.size() + 2)
    return std::nullopt;
  return parser.release();
}

std::optional<refusal> check(const std::optional<http_request>& parsed,
                             const foreign_socket& x, const request& req,
                             const config& cfg) {
  if (!parsed)
    return refusal{status::bad_request, "not an HTTP/1 request"};
  if (auto wrong = check_head(*parsed, x.head))
    return wrong;
  return check_upgrade(*parsed, req, cfg, x.bytes_beyond > 0);
}

void answer(descriptor socket, worker& event_loop, const refusal& why) {
  auto bytes = begin_reply(why) + "Connection: close\r\n\r\n" + why.why;
  asio::post(event_loop.io(), [&event_loop, socket = std::move(socket),
                               bytes = std::move(bytes)]() mutable {
    std::make_shared<lingering_close>(std::move(socket), event_loop)
      ->start(std::move(bytes));
  });
}

} // namespace

upgrade_handoff::upgrade_handoff(acceptance answer, request req,
                                 std::shared_ptr<ws_session> session,
                                 worker& event_loop)
  : answer_{std::move(answer)},
    request_{std::move(req)},
    session_{std::move(session)},
    loop_{&event_loop} {
}

caf::expected<upgrade_handoff>
upgrade_handoff::begin(foreign_socket x, const config& cfg,
                       std::shared_ptr<const ws_limits> limits,
                       worker& event_loop) {
  error_code ec;
  descriptor socket{x.descriptor};
  auto remote = remote_end(socket, ec);
  if (ec)
    return make_error(errc::connection_lost, ec.message());
  send_at_once(socket.get());
  auto address = plain_address(remote);
  request req{x.head, "", address, remote.port()};
  if (auto err = cfg.validate()) {
    answer(std::move(socket), event_loop,
           {status::internal_server_error, "this endpoint is not set up"});
    return err;
  }
  auto parsed = parse(x.head);
  if (auto wrong = check(parsed, x, req, cfg)) {
    tell_refusal(req, cfg, *wrong);
    auto words = std::to_string(static_cast<unsigned>(wrong->status)) + ' '
                 + wrong->why;
    answer(std::move(socket), event_loop, *wrong);
    return make_error(errc::handshake_refused, std::move(words));
  }
  auto answer = accept(*parsed, cfg);
  auto session = std::make_shared<ws_session>(std::move(socket), event_loop,
                                              std::move(limits),
                                              peer_name(address, remote.port()),
                                              answer.subprotocol);
  if (access_log::of_process().is_open())
    session->record({req, std::chrono::steady_clock::now()});
  return upgrade_handoff{std::move(answer), std::move(req), std::move(session),
                         event_loop};
}

void upgrade_handoff::finish(std::shared_ptr<actors::upper_layer> to,
                             std::function<void()> opened) {
  asio::post(loop_->io(),
             [answer = std::move(answer_), session = std::move(session_),
              to = std::move(to), opened = std::move(opened)]() mutable {
               session->start(std::move(to)); // reports failures
               session->open(std::move(answer.reply), answer.window_bits);
               opened();
             });
}

} // namespace troupe::net
