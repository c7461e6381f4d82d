// A Beast server with coroutines that embeds troupe for its WebSockets.

#include <troupe/beast.hpp>
#include <troupe/troupe.hpp>

#include <boost/asio.hpp>
#include <boost/beast.hpp>

#include <iostream>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

asio::awaitable<void> serve(tcp::socket socket, troupe::server& chat) {
  beast::tcp_stream stream{std::move(socket)};
  beast::flat_buffer buffer;
  http::request<http::string_body> req;
  stream.expires_after(std::chrono::seconds{10});
  co_await http::async_read(stream, buffer, req, asio::use_awaitable);
  if (req.target() == "/chat") { // troupe also responds to refused requests.
    chat.upgrade(std::move(stream), req, buffer.size());
    co_return;
  }
  http::response<http::string_body> res{http::status::ok, 11, "see /chat\n"};
  res.prepare_payload();
  co_await http::async_write(stream, res, asio::use_awaitable);
}

asio::awaitable<void> accept(tcp::acceptor& door, troupe::server& chat) {
  for (;;) {
    auto [ec, peer] = co_await door.async_accept(as_tuple(asio::use_awaitable));
    if (!ec)
      co_spawn(door.get_executor(), serve(std::move(peer), chat),
               asio::detached);
  }
}

int main(int argc, char** argv) {
  troupe::runtime_config cfg;
  if (auto err = cfg.read(argc, argv); err || cfg.cli_helptext_printed) {
    std::cerr << (err ? "error: " + troupe::what(err) + '\n' : "");
    return err ? EXIT_FAILURE : EXIT_SUCCESS;
  }
  caf::actor_system sys{cfg};
  troupe::server chat{sys, cfg.ws};
  chat.on_connection([](troupe::connection& c) {
    c.on("say", [](troupe::connection& me, const std::string& text) {
      me.to(troupe::all).emit("say", text);
    });
  });
  asio::io_context io;
  asio::signal_set signals{io, SIGINT, SIGTERM};
  signals.async_wait([&io](auto, auto) { io.stop(); });
  tcp::acceptor door{io, {asio::ip::address_v4::loopback(), cfg.http.port}};
  std::cout << "listening on http://" << door.local_endpoint() << std::endl;
  co_spawn(io, accept(door, chat), asio::detached);
  io.run();
}
