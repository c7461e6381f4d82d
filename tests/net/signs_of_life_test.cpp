#define CAF_SUITE net.signs_of_life

#include "net/ws/signs_of_life.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  /// Connects a client of version 2 and sends its hello.
  client meet() {
    client peer{port};
    auto head = peer.upgrade("/ws", "Sec-WebSocket-Protocol: troupe.2\r\n");
    CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Protocol"), "troupe.2");
    CAF_REQUIRE_EQUAL(ws->log.pop().kind, news::opened);
    peer.send_text(R"(h{"v":2})");
    CAF_REQUIRE_EQUAL(ws->log.pop().kind, news::message);
    return peer;
  }

  /// Checks that the session reads nothing from `peer` until that has read
  /// `count` answers.
  void check_unread(client& peer, int count) {
    auto answer = frame::text(std::string(64 * 1024, 'x')).wire();
    answer.messages = 0;
    with_socket([&](actors::lower_layer& socket) {
      for (auto i = 0; i < count; ++i)
        socket.send(answer);
    });
    peer.send_text("e;more;0;");
    for (auto i = 0; i < 10; ++i)
      with_socket([](actors::lower_layer&) {}); // Lets the worker run.
    CAF_CHECK(ws->log.empty());
    for (auto i = 0; i < count; ++i)
      CAF_CHECK_EQUAL(peer.read_message().payload.size(), 64u * 1024);
    CAF_CHECK_EQUAL(ws->log.pop().kind, news::message);
  }

  /// Closes the connection and returns the advice, without its letter.
  std::string advice_of(close_code code, std::string_view reason = "") {
    auto peer = meet();
    with_socket([&](actors::lower_layer& x) { x.close(code, reason); });
    auto advice = peer.read_message();
    CAF_CHECK_EQUAL(peer.read_message().code(), static_cast<uint16_t>(code));
    CAF_REQUIRE(!advice.payload.empty());
    CAF_CHECK_EQUAL(advice.payload[0], 's');
    peer.send_close(1000);
    wait_for_close();
    return advice.payload.substr(1);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(signs_of_life_tests, fixture)

CAF_TEST(a beat is due when nothing was sent for the period) {
  net::signs_of_life::time_point start;
  net::signs_of_life life{start};
  CAF_CHECK(!life.is_due(start + 9s, 0, 10s));
  CAF_CHECK(life.is_due(start + 10s, 0, 10s));
  CAF_CHECK(!life.is_due(start + 11s, 0, 10s));
  CAF_CHECK(!life.is_due(start + 20s, 1, 10s)); // A message.
  CAF_CHECK(!life.is_due(start + 29s, 1, 10s));
  CAF_CHECK(life.is_due(start + 30s, 1, 10s));
}

CAF_TEST(a quiet client gets beats) {
  ws->cfg.beat_period = 50ms;
  open();
  auto peer = meet();
  for (auto i = 0; i < 3; ++i)
    CAF_CHECK_EQUAL(peer.read_message().payload, ".");
}

CAF_TEST(a client without a hello is closed) {
  ws->cfg.handshake_timeout = 50ms;
  open();
  client peer{port};
  peer.upgrade("/ws", "Sec-WebSocket-Protocol: troupe.2\r\n");
  CAF_CHECK(peer.read_message().payload.starts_with('s'));
  auto end = peer.read_message();
  CAF_CHECK_EQUAL(end.code(), 1002u);
  CAF_CHECK_EQUAL(end.reason(), "no hello");
}

CAF_TEST(a client that does not read its answers is not read) {
  ws->cfg.on_overflow = overflow::drop_oldest;
  ws->cfg.max_queue_bytes = ws->cfg.max_message_size;
  open();
  auto peer = meet();
  check_unread(peer, 256);
}

CAF_TEST(a client that does not read many answers is not read) {
  ws->cfg.max_queue_bytes = 64 * 1024 * 1024;
  ws->cfg.max_queue_messages = 16;
  open();
  auto peer = meet();
  check_unread(peer, 256);
}

CAF_TEST(without version 2 there are neither beats nor advice) {
  ws->cfg.handshake_timeout = 50ms;
  ws->cfg.beat_period = 50ms;
  ws->cfg.ping_period = 600ms;
  // The program has a protocol of this name.
  ws->cfg.enable_protocol_2 = false;
  ws->cfg.authorize = [](const request&, const decision& x) {
    x.accept({.subprotocol = "troupe.2"});
  };
  open();
  client peer{port};
  peer.upgrade("/ws", "Sec-WebSocket-Protocol: troupe.2\r\n");
  CAF_CHECK_EQUAL(peer.read_frame().opcode, 9);
  with_socket([&](actors::lower_layer& x) { x.close(close_code::normal, ""); });
  CAF_CHECK_EQUAL(peer.read_frame().opcode, 8);
}

CAF_TEST(advice precedes each close) {
  open();
  CAF_CHECK_EQUAL(advice_of(close_code::normal),
                  R"({"after":0,"again":false,"why":"closed","window":0})");
  CAF_CHECK_EQUAL(advice_of(close_code::service_restart),
                  R"({"after":0,"again":true,"why":"restart","window":5000})");
  CAF_CHECK_EQUAL(advice_of(close_code::policy_violation, "expired"),
                  R"({"after":0,"again":true,"why":"expired","window":2000})");
  CAF_CHECK_EQUAL(advice_of(close_code::policy_violation, "no"),
                  R"({"after":0,"again":false,"why":"refused","window":0})");
}

CAF_TEST(advice precedes the end by a limit and by a violation) {
  ws->cfg.max_message_size = 10;
  open();
  auto peer = meet();
  peer.send_text("r0123456789");
  CAF_CHECK(peer.read_message().payload.find("too_big") != std::string::npos);
  CAF_CHECK_EQUAL(peer.read_message().code(), 1009u);
  wait_for_close();
  auto other = meet();
  other.send_frame(5, "");
  CAF_CHECK(other.read_message().payload.find("protocol") != std::string::npos);
  CAF_CHECK_EQUAL(other.read_message().code(), 1002u);
}

CAF_TEST(C11 beats and advice can be binary) {
  ws->cfg.binary_messages = true;
  ws->cfg.beat_period = 50ms;
  open();
  auto peer = meet();
  auto beat = peer.read_message();
  CAF_CHECK_EQUAL(beat.payload, ".");
  CAF_CHECK_EQUAL(beat.opcode, 2);
  with_socket([](actors::lower_layer& x) { x.close(close_code::normal, ""); });
  auto advice = peer.read_message();
  while (advice.payload == ".")
    advice = peer.read_message();
  CAF_CHECK(advice.payload.starts_with('s'));
  CAF_CHECK_EQUAL(advice.opcode, 2);
}

CAF_TEST_FIXTURE_SCOPE_END()
