#define CAF_SUITE net.upgrade

#include "troupe/beast.hpp" // the header under test

#include "caf/test/dsl.hpp"

#include "net/support/client.hpp"
#include "net/support/upgrade_fixture.hpp"
#include "support/running.hpp"
#include "troupe/troupe.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <future>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::literals;
using namespace troupe;
using namespace troupe::test;

namespace {

namespace asio = boost::asio;

} // namespace

CAF_TEST_FIXTURE_SCOPE(upgrade_tests, upgrade_fixture)

CAF_TEST(C19 a request that others have read becomes a connection) {
  open().on_connection([](connection& c) {
    c.emit("hello", c.request().query("x"));
    c.on("echo", [](connection& me, const std::string& text) {
      me.emit("echo", text);
    });
  });
  client peer{port()};
  auto it = take(peer, good);
  CAF_CHECK_EQUAL(it.err(), caf::none);
  CAF_CHECK(it.handle());
  auto head = peer.read_until("\r\n\r\n");
  CAF_CHECK_EQUAL(status(head), "101");
  CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Accept"),
                  "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CAF_CHECK_EQUAL(peer.read_frame().payload, "m:hello;0;1");
  it.wait();
  peer.send_text("m:echo;0;hi");
  CAF_CHECK_EQUAL(peer.read_frame().payload, "m:echo;0;hi");
}

CAF_TEST(C19 the stream may be of several types) {
  open().on_connection([](connection& c) { c.emit("hello"); });
  auto greets = [](client& peer, const upgraded& it) {
    CAF_CHECK_EQUAL(it.err(), caf::none);
    CAF_CHECK_EQUAL(status(peer.read_until("\r\n\r\n")), "101");
    CAF_CHECK_EQUAL(peer.read_frame().payload, "m:hello;0;");
  };
  client a{port()};
  a.send(good);
  greets(a, chat->upgrade(boost::beast::tcp_stream{accept()}, req));
  client b{port()};
  b.send(good);
  auto socket = accept();
  using concrete
    = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;
  auto fd = socket.release();
  greets(b, chat->upgrade(concrete{io, tcp::v4(), fd}, req));
}

CAF_TEST(C51 nothing is read before wait and emitting works) {
  open();
  client peer{port()};
  auto it = take(peer, good);
  peer.read_until("\r\n\r\n");
  peer.send_text("m:early;0;bird");
  // Ensures that the message arrives before the handler is registered.
  CAF_CHECK_EQUAL(it.emit("one", 1), caf::none);
  CAF_CHECK_EQUAL(peer.read_frame().payload, "m:one;1;1");
  it.on("early",
        [](connection& c, const std::string& x) { c.emit("late", x); });
  CAF_CHECK_EQUAL(it.emit("two"), caf::none);
  CAF_CHECK(it.emit(std::string{"no;event"})
            == make_error(errc::invalid_event_name));
  CAF_CHECK_EQUAL(peer.read_frame().payload, "m:two;0;");
  CAF_CHECK_EQUAL(chat->stats().messages_in, 0u);
  it.wait();
  it.wait();
  CAF_CHECK_EQUAL(peer.read_frame().payload, "m:late;0;bird");
}

CAF_TEST(C51 who lets go of it without wait lets it read) {
  open();
  client peer{port()};
  take(peer, good).on("echo", [](connection& c) { c.emit("echo"); });
  peer.read_until("\r\n\r\n");
  peer.send_text("m:echo;0;");
  CAF_CHECK_EQUAL(peer.read_frame().payload, "m:echo;0;");
}

CAF_TEST(C19 a setup function makes the steps those of any handshake) {
  open().on_connection([](connection& c) { c.emit("first"); });
  client peer{port()};
  peer.send(good);
  auto socket = accept();
  auto it = chat->upgrade(std::move(socket), req, [](connection& c) {
    c.emit("second");
    c.on("echo", [](connection& me) { me.emit("echo"); });
  });
  CAF_REQUIRE(it);
  CAF_CHECK(*it);
  peer.read_until("\r\n\r\n");
  peer.send_text("m:echo;0;");
  for (auto heard : {"m:first;0;", "m:second;0;", "m:echo;0;"})
    CAF_CHECK_EQUAL(peer.read_frame().payload, heard);
}

CAF_TEST(C19 a setup function that throws lets nobody in) {
  open();
  client peer{port()};
  peer.send(good);
  auto socket = accept();
  auto it = chat->upgrade(std::move(socket), req, [](connection& c) {
    c.on("echo", [](connection& me) { me.emit("echo"); });
    throw std::runtime_error{"not logged in"};
  });
  CAF_CHECK(it);
  peer.read_until("\r\n\r\n");
  peer.send_text("m:echo;0;");
  CAF_CHECK(peer.read_frame().payload.starts_with("\x03\xf3")); // 1011
}

CAF_TEST(C19 a setup function is not called for what is refused) {
  open();
  client peer{port()};
  peer.send(with("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 12"));
  auto socket = accept();
  auto it = chat->upgrade(std::move(socket), req,
                          [](connection&) { CAF_FAIL("called"); });
  CAF_CHECK(it == make_error(errc::handshake_refused));
  CAF_CHECK_EQUAL(status(peer.read_all()), "426");
}

CAF_TEST(C19 the handshake comes before all that is sent) {
  // The connection is set up before the response is sent, also by actors.
  open().on_connection([](connection& c) { c.emit("first"); });
  for (auto i = 0; i < 50; ++i) {
    client peer{port()};
    auto it = take(peer, good);
    it.emit("second");
    caf::anon_send(it.handle(), msg::emit{frame::text("third")});
    CAF_CHECK_EQUAL(status(peer.read_until("\r\n\r\n")), "101");
    std::vector<std::string> got;
    for (auto k = 0; k < 3; ++k)
      got.push_back(peer.read_frame().payload);
    // An actor is another sender, so its messages are in no order with the
    // others.
    CAF_CHECK_EQUAL(std::erase(got, "third"), 1u);
    CAF_CHECK_EQUAL(got, (std::vector{"m:first;0;"s, "m:second;0;"s}));
  }
}

CAF_TEST(C19 it can be ended at once) {
  open();
  for (auto i = 0; i < 50; ++i) {
    client polite{port()};
    auto a = take(polite, good);
    caf::anon_send(a.handle(), msg::disconnect{close_code::normal, "no"});
    CAF_CHECK_EQUAL(status(polite.read_until("\r\n\r\n")), "101");
    CAF_CHECK_EQUAL(polite.read_frame().code(), 1000u);
    client told{port()};
    auto b = take(told, good);
    caf::anon_send_exit(b.handle(), caf::exit_reason::user_shutdown);
    CAF_CHECK_EQUAL(status(told.read_until("\r\n\r\n")), "101");
    CAF_CHECK_EQUAL(told.read_frame().code(), 1001u);
    client killed{port()};
    auto c = take(killed, good);
    caf::anon_send_exit(c.handle(), caf::exit_reason::kill);
    killed.finish();
    killed.read_all(); // any content, but an end
  }
}

CAF_TEST(C19 handlers run on a thread of the runtime) {
  open();
  client peer{port()};
  auto it = take(peer, good);
  std::promise<std::pair<std::thread::id, net::worker*>> result;
  it.with([&](connection&) {
    result.set_value({std::this_thread::get_id(), net::worker::current()});
  });
  auto [thread, event_loop] = await(result);
  CAF_CHECK(thread != std::this_thread::get_id());
  CAF_CHECK(event_loop != nullptr);
}

CAF_TEST(C19 what is refused gets its true status) {
  open();
  CAF_CHECK_EQUAL(status(refused(with("GET", "POST"))), "405");
  auto version = refused(with("Version: 13", "Version: 12"));
  CAF_CHECK_EQUAL(status(version), "426");
  CAF_CHECK_EQUAL(field(version, "Sec-WebSocket-Version"), "13");
  CAF_CHECK_EQUAL(status(refused(with("Upgrade: websocket\r\n", ""))), "426");
  CAF_CHECK_EQUAL(status(refused(with("Sec-WebSocket-Key", "X"))), "400");
  CAF_CHECK_EQUAL(status(refused(with("Host: localhost\r\n", ""))), "400");
  CAF_CHECK_EQUAL(
    status(refused(with("Host: ", "Content-Length: 2\r\nHost: ") + "xx")),
    "400");
  CAF_CHECK_EQUAL(status(refused(good + masked_frame(1, "too early"))), "400");
  auto origin = refused(with("Host: ", "Origin: http://evil\r\nHost: "));
  CAF_CHECK_EQUAL(status(origin), "403");
  CAF_CHECK(origin.ends_with("\r\n\r\nthis origin is not allowed"));
  CAF_CHECK_EQUAL(chat->stats().connections_opened, 0u);
}

CAF_TEST(C19 C15 with the settings of the original it is 503) {
  settings = iris_compat_config();
  open();
  CAF_CHECK_EQUAL(status(refused(with("GET", "POST"))), "503");
  CAF_CHECK_EQUAL(status(refused(with("Version: 13", "Version: 12"))), "503");
}

CAF_TEST(C19 without a connection nothing happens) {
  open();
  client peer{port()};
  auto it = take(peer, with("GET", "POST"));
  it.with([](connection&) { CAF_ERROR("called"); });
  it.on("event", [] { CAF_ERROR("called"); });
  CAF_CHECK_EQUAL(it.emit("event"), caf::none);
  it.wait();
  auto moved = std::move(it);
  CAF_CHECK(moved.err() != caf::none);
}

CAF_TEST(C19 a socket that is gone is an error) {
  open();
  client peer{port()};
  peer.send(good);
  auto socket = accept();
  socket.close();
  auto it = chat->upgrade(std::move(socket), req);
  CAF_CHECK(it.err() == make_error(errc::connection_lost));
}

CAF_TEST(C19 wrong settings are an error of the server) {
  settings.ping_period = 0s;
  open();
  client peer{port()};
  auto it = take(peer, good);
  CAF_CHECK(it.err() == make_error(errc::invalid_config));
  CAF_CHECK_EQUAL(status(peer.read_all()), "500");
}

CAF_TEST(C14 the subprotocol is agreed here as well) {
  settings.subprotocols = {"b", "a"};
  open();
  client peer{port()};
  auto it = take(peer, with("Host", "Sec-WebSocket-Protocol: a,b\r\nHost"));
  CAF_CHECK_EQUAL(field(peer.read_until("\r\n\r\n"), "Sec-WebSocket-Protocol"),
                  "b");
}

CAF_TEST(C19 connections are spread over the threads) {
  open();
  std::set<net::worker*> event_loops;
  std::vector<client> peers;
  for (auto i = 0; i < 4; ++i) {
    auto it = take(peers.emplace_back(port()), good);
    std::promise<net::worker*> event_loop;
    it.with([&](connection&) { event_loop.set_value(net::worker::current()); });
    event_loops.insert(await(event_loop));
  }
  CAF_CHECK_EQUAL(event_loops.size(), 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
