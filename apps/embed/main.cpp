// A small HTTP server based on Boost.Beast that hands its WebSocket connections
// over to troupe:
//
//   troupe-embed --port=8080        then open http://127.0.0.1:8080

#include <troupe/beast.hpp>
#include <troupe/troupe.hpp>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using tcp = asio::ip::tcp;

constexpr auto page = R"(<!doctype html>
<meta charset="utf-8"><title>embed</title>
<p>Whoever has this page open reads what you write. <input id="text">
<script>
const socket = new WebSocket(location.href.replace(/^http/, "ws") + "chat");
const prefix = "m:say;0;";
text.onchange = () => socket.send(prefix + text.value);
socket.onmessage = (x) => document.body.append(x.data.slice(prefix.length), " ");
</script>
)";

/// A client of the HTTP server.
class session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket socket, troupe::server& chat)
    : stream_{std::move(socket)},
      chat_{chat} {
  }

  void read() {
    request_ = {};
    stream_.expires_after(std::chrono::seconds{10});
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code ec, size_t) {
                       if (!ec)
                         self->on_request();
                     });
  }

private:
  void on_request() {
    if (request_.target() == "/chat")
      join_chat();
    else if (request_.target() == "/")
      answer(http::status::ok, page);
    else
      answer(http::status::not_found, "not found\n");
  }

  void join_chat() {
    stream_.expires_never();
    auto it = chat_.upgrade(std::move(stream_), request_, buffer_.size());
    if (it.err()) { // The client has received a response.
      std::cerr << troupe::what(it.err()) << std::endl;
      return;
    }
    it.on("say", [](troupe::connection& c, const std::string& text) {
      c.to(troupe::all).emit("say", text);
    });
    it.emit("say", "welcome");
    it.wait();
  }

  void answer(http::status status, std::string_view body) {
    response_ = {status, request_.version(), std::string{body}};
    response_.set(http::field::content_type, "text/html");
    response_.keep_alive(request_.keep_alive());
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code ec,
                                                  size_t) {
                        if (!ec && self->response_.keep_alive())
                          self->read();
                      });
  }

  beast::tcp_stream stream_;
  troupe::server& chat_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void accept(tcp::acceptor& door, troupe::server& chat) {
  door.async_accept([&](beast::error_code ec, tcp::socket socket) {
    if (!ec)
      std::make_shared<session>(std::move(socket), chat)->read();
    if (door.is_open())
      accept(door, chat);
  });
}

int main(int argc, char** argv) {
  troupe::runtime_config cfg; // adds options: --port, --ws.*
  if (auto err = cfg.read(argc, argv)) {
    std::cerr << "error: " << troupe::what(err) << std::endl;
    return EXIT_FAILURE;
  }
  if (cfg.cli_helptext_printed)
    return EXIT_SUCCESS;
  caf::actor_system sys{cfg}; // starts the runtime threads
  troupe::server chat{sys, cfg.ws};

  asio::io_context io;
  asio::signal_set signals{io, SIGINT, SIGTERM};
  signals.async_wait([&](beast::error_code, int) { io.stop(); });
  tcp::acceptor door{io, {asio::ip::address_v4::loopback(), cfg.http.port}};
  accept(door, chat);
  std::cout << "listening on http://127.0.0.1:" << door.local_endpoint().port()
            << std::endl;
  io.run();
  return EXIT_SUCCESS;
}
