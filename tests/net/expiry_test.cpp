#define CAF_SUITE net.expiry

#include "net/ws/expiry.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "troupe/listener.hpp"
#include "troupe/server.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::test;
using net::expiry;

namespace {

struct closing_socket final : actors::lower_layer {
  actors::send_status send(slice) override {
    return actors::send_status::queued;
  }

  void grant(uint32_t) override {
  }

  void close(close_code code, std::string_view reason) override {
    closed += std::to_string(static_cast<uint16_t>(code)) + ' '
              + std::string{reason} + '\n';
  }

  void expire_at(expiry::system_time) override {
  }

  expiry::system_time expires_at() const noexcept override {
    return expiry::system_time::max();
  }

  const std::string& subprotocol() const noexcept override {
    return closed;
  }

  std::string closed;
};

struct fixture : socket_stage {
  const net::tickable::time_point tick{1h};

  /// Runs `f` while a listener serves clients whose hellos say for how many
  /// milliseconds they may stay, or "later".
  template <class F>
  void serve(config cfg, F f) {
    cfg.authenticate = [this](const request&, const nlohmann::json& auth,
                              const decision& x) {
      if (auth.is_number())
        x.accept(0, {},
                 std::chrono::system_clock::now()
                   + auth.get<int>() * std::chrono::milliseconds{1});
      else
        undecided.push(x);
    };
    server chat{sys, std::move(cfg)};
    chat.on_connection([this](connection&) { ++connections; });
    listener x{sys, port_cfg};
    x.route("/chat", chat);
    port = x.start().value();
    f();
  }

  /// Returns a client that has sent its hello.
  client greet(const std::string& auth) const {
    client peer{port};
    auto head = peer.upgrade("/chat", "Sec-WebSocket-Protocol: troupe.2\r\n");
    CAF_REQUIRE_EQUAL(status(head), "101");
    peer.send_text(R"(h{"v":2,"auth":)" + auth + "}");
    return peer;
  }

  /// Reads an advice and the close frame. Beats may precede them.
  static void check_expired(client& peer) {
    auto advice = peer.read_message().payload;
    while (advice == ".")
      advice = peer.read_message().payload;
    CAF_REQUIRE(advice.starts_with('s'));
    CAF_CHECK(advice.find(R"("why":"expired")") != std::string::npos);
    auto last = peer.read_message();
    CAF_CHECK_EQUAL(last.code(), 1008u);
    CAF_CHECK_EQUAL(last.reason(), "expired");
  }

  /// Returns how long the client may stay according to a hello.
  static int64_t until_in(client& peer) {
    auto text = peer.read_message().payload;
    CAF_REQUIRE(text.starts_with('h'));
    return nlohmann::json::parse(text.substr(1)).at("until").get<int64_t>();
  }

  queue<decision> undecided;
  std::atomic<int> connections = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(expiry_tests, fixture)

CAF_TEST(the connection is closed when its time is over) {
  closing_socket socket;
  auto system_end = expiry::system_time{} + 1h;
  expiry it{socket, system_end, tick};
  CAF_CHECK(it.end() == system_end);
  it.on_tick(tick - 1ns);
  CAF_CHECK_EQUAL(socket.closed, "");
  it.on_tick(tick);
  CAF_CHECK_EQUAL(socket.closed, "1008 expired\n");
}

CAF_TEST(the time is converted once) {
  auto now = expiry::system_time{} + 500'000h;
  CAF_CHECK(expiry::to_ticks(now + 5s, now, tick) == tick + 5s);
  CAF_CHECK(expiry::to_ticks(now - 5s, now, tick) == tick);
  CAF_CHECK(expiry::to_ticks(expiry::system_time::min(), now, tick) == tick);
}

CAF_TEST(the end of a socket can be replaced) {
  ws->cfg.beat_period = 50ms;
  open();
  client peer{port};
  peer.upgrade("/ws", "Sec-WebSocket-Protocol: troupe.2\r\n");
  CAF_REQUIRE_EQUAL(ws->log.pop().kind, news::opened);
  auto set = [&](expiry::system_time end) {
    return with_socket([&](actors::lower_layer& x) {
      x.expire_at({});
      x.expire_at(end);
      return x.expires_at();
    });
  };
  auto later = std::chrono::system_clock::now() + 1h;
  for (auto end : {later, expiry::system_time::max()}) {
    CAF_CHECK(set(end) == end);
    for (auto i = 0; i < 3; ++i) // Each takes a tick.
      CAF_CHECK_EQUAL(peer.read_message().payload, ".");
  }
  set({});
  check_expired(peer);
}

CAF_TEST(a hello sets the end and another one replaces it) {
  serve({}, [this] {
    auto stays = greet("3600000");
    CAF_CHECK_GREATER(until_in(stays), 3'000'000);
    auto leaves = greet("3600000");
    until_in(leaves);
    leaves.send_text(R"(h{"v":2,"auth":100})");
    CAF_CHECK_LESS_OR_EQUAL(until_in(leaves), 100);
    check_expired(leaves);
    auto prolonged = greet("2000");
    CAF_CHECK_LESS_OR_EQUAL(until_in(prolonged), 2000);
    prolonged.send_text(R"(h{"v":2,"auth":3600000})");
    CAF_CHECK_GREATER(until_in(prolonged), 3'000'000);
    prolonged.send_text("?");
    CAF_CHECK_EQUAL(prolonged.read_message().payload, ".");
    CAF_CHECK(stays.is_quiet());
  });
}

CAF_TEST(a client does not wait for a decision for ever) {
  serve({.handshake_timeout = 1s}, [this] {
    auto peer = greet(R"("later")");
    auto x = undecided.pop();
    check_expired(peer);
    x.accept(0);
    CAF_CHECK_EQUAL(peer.read_after_close(), "");
  });
  CAF_CHECK_EQUAL(connections.load(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
