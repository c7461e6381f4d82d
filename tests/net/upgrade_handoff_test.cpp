#define CAF_SUITE net.upgrade_handoff

#include "net/http/upgrade_handoff.hpp" // the header under test

#include "net/support/client.hpp"
#include "net/support/upgrade_fixture.hpp"
#include "support/running.hpp"
#include "troupe/troupe.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

using namespace troupe;
using namespace troupe::test;

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

/// Duplicates the descriptor of the server's side of the connection to
/// `peer_port`, as a child process does.
net::descriptor copy_of_connection(uint16_t peer_port) {
  for (auto fd = 3; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0
        && peer.sin_family == AF_INET && ntohs(peer.sin_port) == peer_port)
      return net::descriptor{::dup(fd)};
  }
  CAF_FAIL("no such connection");
}

/// Handles only the end of the session.
struct deaf final : actors::upper_layer {
  void on_frame(frame) override {
  }

  bool on_control(bool, std::string_view) override {
    return false;
  }

  void on_overflow(uint64_t, uint64_t) override {
  }

  void on_close(close_info) override {
    over.set_value();
  }

  std::promise<void> over;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(upgrade_handoff_tests, upgrade_fixture)

CAF_TEST(a copy of the descriptor does not outlive its connection) {
  open();
  client peer{port()};
  peer.send(good);
  auto socket = accept();
  auto copy = copy_of_connection(socket.remote_endpoint().port());
  std::promise<net::worker*> event_loop;
  std::promise<void> over;
  {
    auto it = chat->upgrade(std::move(socket), req);
    it.with([&](connection& c) {
      event_loop.set_value(net::worker::current());
      c.on_disconnect(
        [&](connection&, const close_info&) { over.set_value(); });
    });
  }
  auto& worker = *await(event_loop);
  peer.read_until("\r\n\r\n");
  peer.send_close(1000);
  peer.read_frame();
  peer.finish();
  await(over.get_future());
  chat.reset(); // The session is destroyed.
  run_on(worker, [] {});
  ::shutdown(copy.get(), SHUT_RDWR);
  for (auto i = 0; i < 3; ++i) // would report the copy's end
    run_on(worker, [] {});
}

CAF_TEST(an upgrade_handoff leaves the clock of its thread alone) {
  client peer{port()};
  peer.send(good);
  auto socket = accept();
  auto& event_loop = runtime.at(0);
  run_on(event_loop, [] {});
  auto begun = net::upgrade_handoff::begin({socket.release(), handshake("/x")},
                                           settings, nullptr, event_loop);
  CAF_REQUIRE(begun);
  auto later = std::chrono::steady_clock::now();
  CAF_CHECK(run_on(event_loop, [&] { return event_loop.now() >= later; }));
}

CAF_TEST(an upgrade_handoff keeps nothing of a session that it has handed over) {
  client peer{port()};
  peer.send(good);
  auto socket = accept();
  auto& event_loop = runtime.at(0);
  auto begun = net::upgrade_handoff::begin(
    {socket.release(), handshake("/x")}, settings,
    std::make_shared<net::ws_limits>(settings), event_loop);
  CAF_REQUIRE(begun);
  std::weak_ptr<actors::lower_layer> session = begun->lower_layer();
  auto upper_layer = std::make_shared<deaf>();
  begun->finish(upper_layer, [=] { session.lock()->grant(1); });
  peer.reset();
  await(upper_layer->over);
  run_on(event_loop, [] {});
  CAF_CHECK(session.expired()); // destroyed on its own thread
}

CAF_TEST(connections that end as they begin end on their own thread) {
  // Under load from several threads; most useful under ThreadSanitizer.
  open();
  std::vector<std::thread> owners;
  for (auto t = 0; t < 3; ++t)
    owners.emplace_back([this] {
      asio::io_context own;
      tcp::acceptor entrance{own, {asio::ip::address_v4::loopback(), 0}};
      for (auto i = 0; i < 60; ++i) {
        client peer{entrance.local_endpoint().port()};
        peer.send(good);
        auto socket = entrance.accept();
        boost::beast::flat_buffer bytes;
        request_type head;
        http::read(socket, bytes, head);
        if (i % 3 == 0)
          peer.reset();
        auto it = chat->upgrade(std::move(socket), head);
        if (i % 3 == 1)
          caf::anon_send_exit(it.handle(), caf::exit_reason::kill);
      }
    });
  for (auto& x : owners)
    x.join();
  chat.reset();
}

CAF_TEST_FIXTURE_SCOPE_END()
