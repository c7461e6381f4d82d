#define CAF_SUITE net.ws_timing

#include "net/ws/ws_session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "troupe/error.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  /// Fills the socket of a peer that does not read.
  void send_much() {
    auto big = frame::text(std::string(64 * 1024, 'x')).wire();
    with_socket([&](actors::lower_layer& socket) {
      for (auto i = 0; i < 512; ++i)
        socket.send(big);
    });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ws_timing_tests, fixture)

// -- silence ------------------------------------------------------------------

CAF_TEST(C9 a quiet peer is pinged) {
  ws->cfg.ping_period = 100ms;
  open();
  auto peer = connect();
  for (auto i = 0; i < 3; ++i) {
    CAF_CHECK_EQUAL(peer.read_frame().opcode, 9);
    peer.send_frame(10, "");
    CAF_CHECK_EQUAL(ws->log.pop().is_pong, true);
  }
}

CAF_TEST(C8 a peer that answers no ping is dead) {
  ws->cfg.ping_period = 100ms;
  ws->cfg.pong_timeout = 300ms;
  open();
  auto peer = connect();
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::abnormal);
  CAF_CHECK_EQUAL(end.by_peer, false);
  CAF_CHECK_EQUAL(end.cause, make_error(errc::pong_timeout));
}

CAF_TEST(C8 any frame is as good as a pong) {
  ws->cfg.ping_period = 100ms;
  ws->cfg.pong_timeout = 600ms;
  open();
  auto peer = connect();
  for (auto i = 0; i < 6; ++i) {
    CAF_CHECK_EQUAL(peer.read_frame().opcode, 9);
    peer.send_text("busy");
    CAF_CHECK_EQUAL(ws->log.pop().payload, "busy");
  }
}

CAF_TEST(a connection that rests is not taken for dead) {
  ws->cfg.ping_period = 50ms;
  ws->cfg.pong_timeout = 100ms;
  ws->cfg.read_timeout = 100ms;
  ws->cfg.close_timeout = 100ms;
  ws->credit = 0;
  open();
  auto peer = connect();
  auto other = connect(); // ends while the first has to survive
  with_socket([](actors::lower_layer& socket) { socket.grant(1); });
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::closed);
  CAF_CHECK(ws->log.empty());
}

CAF_TEST(C7 no message and no pong in time end the connection) {
  ws->cfg.read_timeout = 300ms;
  open();
  auto peer = connect();
  CAF_CHECK_EQUAL(peer.read_frame().code(), 1008);
  peer.send_close(1008);
  peer.finish();
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::policy_violation);
  CAF_CHECK_EQUAL(end.cause, make_error(errc::read_timeout));
}

CAF_TEST(C7 every message and every pong gives a connection more time) {
  ws->cfg.ping_period = 50ms; // Each tick, 250 ms, sends a ping.
  ws->cfg.read_timeout = 700ms;
  open();
  auto peer = connect();
  for (auto opcode : {10, 10, 10, 10, 10, 2, 2, 2, 2, 2}) {
    CAF_REQUIRE_EQUAL(peer.read_frame().opcode, 9);
    peer.send_frame(opcode, "");
  }
}

CAF_TEST(C7 pings of the peer give a connection no more time) {
  ws->cfg.ping_period = 50ms;
  ws->cfg.pong_timeout = 24h;
  ws->cfg.read_timeout = 700ms;
  open();
  auto peer = connect();
  for (auto i = 0; i < 3; ++i) { // Each frame is a ping or a pong.
    peer.read_frame();
    peer.send_frame(9, "");
  }
  CAF_CHECK_EQUAL(wait_for_close().cause, make_error(errc::read_timeout));
}

// -- writing ------------------------------------------------------------------

CAF_TEST(C6 a write without progress ends the connection) {
  ws->cfg.max_queue_bytes = 256 << 20;
  ws->cfg.write_timeout = 300ms;
  open();
  auto peer = connect("/ws", 4096);
  send_much();
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::abnormal);
  CAF_CHECK_EQUAL(end.cause, make_error(errc::write_timeout));
}

CAF_TEST(a peer that pings and reads no pongs must wait) {
  ws->cfg.max_control_frames_per_second = 0;
  ws->cfg.write_timeout = 500ms;
  open();
  auto peer = connect("/ws", 4096);
  auto pings = masked_frame(9, std::string(125, 'x'));
  for (auto i = 0; i < 8; ++i)
    pings += pings;
  size_t sent = 0;
  while (peer.try_send(pings) && sent < (64u << 20))
    sent += pings.size();
  CAF_CHECK_LESS(sent, 64u << 20);
  CAF_CHECK_EQUAL(wait_for_close().cause, make_error(errc::write_timeout));
}

CAF_TEST_FIXTURE_SCOPE_END()
