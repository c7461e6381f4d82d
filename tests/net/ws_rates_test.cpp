#define CAF_SUITE net.ws_rates

#include "net/ws/ws_session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "troupe/error.hpp"

#include <chrono>
#include <string>

using namespace troupe;
using namespace troupe::test;

namespace {

using clock = std::chrono::steady_clock;

struct fixture : socket_stage {
  /// Reads messages until the connection closes.
  /// @returns their number.
  int count_until_close() {
    for (auto result = 0;; ++result)
      if (auto x = ws->log.pop(); x.kind != news::message) {
        CAF_CHECK_EQUAL(x.kind, news::closed);
        CAF_CHECK_EQUAL(x.end.code, close_code::policy_violation);
        CAF_CHECK_EQUAL(x.end.cause, make_error(errc::rate_exceeded));
        return result;
      }
  }

  void send_messages(client& peer, int count, std::string_view payload) {
    std::string bytes;
    for (auto i = 0; i < count; ++i)
      bytes += masked_frame(1, payload);
    peer.send(bytes);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ws_rates_tests, fixture)

CAF_TEST(a client that floods is slowed down and then closed) {
  ws->cfg.max_messages_per_second = 10;
  open();
  auto peer = connect();
  auto begin = clock::now();
  send_messages(peer, 1000, "x");
  auto read = count_until_close();
  auto time = clock::now() - begin;
  CAF_CHECK_GREATER_OR_EQUAL(time, 5s);
  CAF_CHECK_GREATER_OR_EQUAL(read, 20 + 45);
  CAF_CHECK_LESS_OR_EQUAL(read, 21 + time / 100ms);
  CAF_CHECK_EQUAL(peer.read_frame().code(), 1008);
}

CAF_TEST(a burst is read at once) {
  ws->cfg.max_messages_per_second = 100;
  open();
  auto peer = connect();
  send_messages(peer, 200, "x");
  for (auto i = 0; i < 200; ++i)
    CAF_REQUIRE_EQUAL(ws->log.pop().payload, "x");
}

CAF_TEST(a client that was slowed down goes on) {
  ws->cfg.max_messages_per_second = 20;
  open();
  auto peer = connect();
  send_messages(peer, 60, "x");
  for (auto i = 0; i < 60; ++i)
    CAF_REQUIRE_EQUAL(ws->log.pop().payload, "x");
}

CAF_TEST(bytes have a rate of their own) {
  ws->cfg.max_message_size = 1000;
  ws->cfg.max_bytes_per_second = 1000;
  open();
  auto peer = connect();
  auto begin = clock::now();
  send_messages(peer, 4, std::string(1000, 'x'));
  for (auto i = 0; i < 4; ++i)
    CAF_REQUIRE_EQUAL(ws->log.pop().payload.size(), 1000u);
  CAF_CHECK_GREATER_OR_EQUAL(clock::now() - begin, 900ms);
}

CAF_TEST(too many pings end a connection) {
  open();
  auto peer = connect();
  std::string pings;
  for (auto i = 0; i < 200; ++i)
    pings += masked_frame(9, "x");
  peer.send(pings);
  for (auto i = 0; i < 100; ++i)
    CAF_REQUIRE_EQUAL(peer.read_frame().opcode, 10);
  auto last = peer.read_frame();
  while (last.opcode == 10)
    last = peer.read_frame();
  CAF_CHECK_EQUAL(last.code(), 1008);
  CAF_CHECK_EQUAL(last.reason(), "too many control frames");
}

CAF_TEST(too many empty fragments end a connection) {
  open();
  auto peer = connect();
  std::string bytes = masked_frame(1, "", false);
  for (auto i = 0; i < 200; ++i)
    bytes += masked_frame(0, "", false);
  peer.send(bytes);
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.cause, make_error(errc::rate_exceeded));
}

CAF_TEST(without limits anything goes) {
  ws->cfg.max_control_frames_per_second = 0;
  open();
  auto peer = connect();
  std::string bytes;
  for (auto i = 0; i < 1000; ++i)
    bytes += masked_frame(10, "") + masked_frame(1, "", false)
             + masked_frame(0, "x");
  peer.send(bytes);
  for (auto i = 0; i < 1000; ++i) {
    CAF_REQUIRE_EQUAL(ws->log.pop().kind, news::control);
    CAF_REQUIRE_EQUAL(ws->log.pop().payload, "x");
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
