#define CAF_SUITE net.listener

#include "troupe/listener.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/descriptor_hog.hpp"
#include "net/support/socket_stage.hpp"
#include "support/running.hpp"
#include "troupe/error.hpp"
#include "troupe/log.hpp"
#include "troupe/server.hpp"

#include <future>
#include <set>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

bool is_open(uint16_t port) {
  try {
    client peer{port};
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

struct log_tap {
  log_tap() {
    set_log_sink([this](log_level level, std::string_view line) {
      if (level == log_level::warning)
        warnings.push({news::message, std::string{line}});
    });
  }

  ~log_tap() {
    set_log_sink(nullptr);
  }

  news_queue warnings;
};

struct fixture : log_tap, socket_stage {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(listener_tests, fixture)

CAF_TEST(a listener serves at the port that it reports) {
  listener x{sys, {.port = 0}};
  x.serve("/page", {"hello", "text/plain"});
  auto got = x.start();
  CAF_REQUIRE(got);
  CAF_CHECK_EQUAL(x.url(), "http://127.0.0.1:" + std::to_string(*got));
  client peer{*got};
  CAF_CHECK(peer.get("/page").ends_with("hello"));
}

CAF_TEST(a listener has the URL of its clients and one of its own) {
  listener x{sys, {.port = 0, .public_url = "https://chat.example"}};
  auto got = x.start();
  CAF_REQUIRE(got);
  CAF_CHECK_EQUAL(x.url(), "https://chat.example");
  CAF_CHECK_EQUAL(x.local_url(), "http://127.0.0.1:" + std::to_string(*got));
}

CAF_TEST(a listener counts) {
  listener x{sys, {.port = 0}};
  CAF_CHECK_EQUAL(x.stats().connections_accepted, 0u);
  auto got = x.start();
  CAF_REQUIRE(got);
  client peer{*got};
  peer.get("/healthz");
  CAF_CHECK_EQUAL(x.stats().connections_accepted, 1u);
}

CAF_TEST(C18 several servers live on several routes of one listener) {
  server lobby{sys};
  server games{sys};
  auto welcome = [](const char* text) {
    return [text](connection& c) {
      c.emit_message(text);
      c.on("all", [text](connection& me) { me.to(all).emit_message(text); });
    };
  };
  lobby.on_connection(welcome("lobby"));
  games.on_connection(welcome("games"));
  listener x{sys, {.port = 0}};
  x.route("/lobby", lobby);
  x.route("/games/*", games);
  auto got = x.start();
  CAF_REQUIRE(got);
  client alice{*got};
  client bob{*got};
  CAF_CHECK_EQUAL(status(alice.upgrade("/lobby")), "101");
  CAF_CHECK_EQUAL(status(bob.upgrade("/games/chess")), "101");
  CAF_CHECK_EQUAL(alice.read_message().payload, "lobby");
  CAF_CHECK_EQUAL(bob.read_message().payload, "games");
  // `all` addresses the clients of one server.
  bob.send_text("m:all;0;");
  alice.send_text("m:all;0;");
  CAF_CHECK_EQUAL(alice.read_message().payload, "lobby");
  CAF_CHECK_EQUAL(bob.read_message().payload, "games");
  CAF_CHECK_EQUAL(lobby.total_connections().get(), uint64_t{1});
  CAF_CHECK_EQUAL(games.total_connections().get(), uint64_t{1});
}

CAF_TEST(a port in use is a clear error) {
  listener first{sys, {.port = 0}};
  auto got = first.start();
  listener second{sys, {.port = *got}};
  auto refused = second.start();
  CAF_REQUIRE(!refused);
  auto why = what(refused.error());
  CAF_CHECK_EQUAL(refused.error(), make_error(errc::cannot_listen));
  CAF_CHECK(why.find("127.0.0.1 port " + std::to_string(*got)) != why.npos);
  CAF_CHECK(why.find("in use") != why.npos);
  first.stop(); // frees the port at once
  CAF_CHECK(second.start());
}

CAF_TEST(wrong hosts are clear errors) {
  for (auto host : {"no.such.host.invalid", "203.0.113.1"}) {
    listener x{sys, {.host = host, .port = 0}};
    auto refused = x.start();
    CAF_REQUIRE(!refused);
    CAF_CHECK(what(refused.error()).find(host) != std::string::npos);
  }
}

CAF_TEST(wrong routes are clear errors) {
  auto error_of = [this](auto... paths) {
    server chat{sys};
    listener x{sys, {.port = 0}};
    (x.route(paths, chat), ...);
    auto refused = x.start();
    return refused ? "" : what(refused.error());
  };
  CAF_CHECK_EQUAL(error_of("/a", "/b", "/a/*"), "");
  CAF_CHECK(error_of("/a", "/b", "/a", "c")
              .ends_with("route \"/a\" has an "
                         "endpoint already"));
  CAF_CHECK(
    error_of("chat").ends_with("route \"chat\" does not start with "
                               "'/'"));
}

CAF_TEST(IPv6 and names work) {
  listener both{sys, {.host = "::", .port = 0}};
  if (auto got = both.start()) {
    client v4{*got};
    CAF_CHECK_EQUAL(status(v4.get("/healthz")), "200");
    client v6{*got, "::1"};
    CAF_CHECK_EQUAL(status(v6.get("/healthz")), "200");
    CAF_CHECK_EQUAL(both.url(), "http://[::1]:" + std::to_string(*got));
  } else {
    CAF_MESSAGE("no IPv6 on this machine: " << what(got.error()));
  }
  listener named{sys, {.host = "localhost", .port = 0}};
  auto got = named.start();
  CAF_REQUIRE(got);
  client peer{*got};
  CAF_CHECK_EQUAL(status(peer.get("/healthz")), "200");
}

CAF_TEST(readiness differs from health) {
  listener it{sys, {.port = 0}};
  auto got = it.start();
  CAF_REQUIRE(got);
  auto ask = [&](std::string_view path) {
    auto reply = client{*got}.get(path);
    return status(reply) + ' ' + field(reply, "Connection");
  };
  CAF_CHECK_EQUAL(ask("/readyz"), "200 ");
  it.set_ready(false);
  CAF_CHECK_EQUAL(ask("/readyz"), "503 close");
  CAF_CHECK_EQUAL(ask("/healthz"), "200 close");
  it.set_ready(true);
  CAF_CHECK_EQUAL(ask("/readyz"), "200 ");
}

CAF_TEST(stop closes the port and HTTP connections but no WebSockets) {
  ws->echoes = true;
  open();
  auto socket = connect();
  client http{port};
  http.get("/healthz");
  door->close();
  CAF_CHECK_EQUAL(http.read_all(), "");
  CAF_CHECK(!is_open(port));
  socket.send_text("still there");
  CAF_CHECK_EQUAL(socket.read_frame().payload, "still there");
  door->close();
}

CAF_TEST(sockets are spread over all workers) {
  open();
  std::set<net::worker*> event_loops;
  std::vector<client> peers;
  for (auto i = 0; i < 4; ++i) {
    peers.push_back(connect());
    event_loops.insert(ws->last_home);
  }
  CAF_CHECK_EQUAL(event_loops.size(), 2u);
}

CAF_TEST(many connect at once) {
  open();
  std::vector<client> peers;
  for (auto i = 0; i < 200; ++i)
    peers.emplace_back(port);
  for (auto& x : peers)
    CAF_CHECK_EQUAL(status(x.get("/healthz")), "200");
}

CAF_TEST(a thread that is held up keeps no newcomer out) {
  open();
  for (const auto& held : net::scheduler::of(sys)->workers()) {
    held_thread holding{*held};
    // The first requests arrive before the server detects that the thread is
    // held up.
    for (int i = 0; i < 8; ++i) {
      client peer{port};
      CAF_CHECK_EQUAL(status(peer.get("/healthz")), "200");
    }
  }
}

CAF_TEST(stop does not wait for a thread that is held up) {
  open();
  held_thread holding{*net::scheduler::of(sys)->workers().front()};
  door->close();
  CAF_CHECK(!is_open(port));
}

CAF_TEST(a port survives that descriptors run out) {
  if (!has_descriptors_to_lose)
    return;
  open();
  descriptor_hog hog;
  hog.leave_one();
  client unlucky{port}; // takes it; none is left for the server
  unlucky.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  CAF_CHECK_EQUAL(warnings.pop().payload,
                  "cannot accept connections: Too many open files");
  hog.leave_all();
  CAF_CHECK_EQUAL(status(unlucky.read_until("\r\n\r\n")), "200");
}

CAF_TEST(another runtime is a clear error) {
  caf::actor_system_config cfg;
  cfg.set("scheduler.max-threads", 1);
  caf::actor_system other{cfg};
  listener x{other, {.port = 0}};
  auto refused = x.start();
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error() == make_error(errc::foreign_runtime));
}

CAF_TEST_FIXTURE_SCOPE_END()
