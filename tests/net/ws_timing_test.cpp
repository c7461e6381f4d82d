#define CAF_SUITE net.ws_timing

#include "net/ws_session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "troupe/error.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  /// Fills the socket and the queue of a peer that does not read.
  /// @returns the last status.
  actors::send_status send_until_not_queued(size_t most) {
    auto big = frame::text(std::string(64 * 1024, 'x')).wire();
    return with_socket([&](actors::transport& socket) {
      auto result = actors::send_status::queued;
      for (size_t sent = 0;
           sent < most && result == actors::send_status::queued;
           sent += big.bytes.size())
        result = socket.send(big);
      return result;
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
  auto other = connect(); // dies in the time that the first has to survive
  with_socket([](actors::transport& socket) { socket.grant(1); });
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

// -- slow receivers -----------------------------------------------------------

CAF_TEST(C60 too many bytes for a slow receiver end the connection) {
  ws->cfg.max_queue_bytes = 1 << 20;
  ws->cfg.close_timeout = 200ms;
  open();
  auto peer = connect("/ws", 4096);
  CAF_CHECK_EQUAL(send_until_not_queued(256 << 20), actors::send_status::full);
  with_socket([](actors::transport& socket) {
    CAF_CHECK_EQUAL(socket.send(frame::text("x").wire()),
                    actors::send_status::closed);
  });
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::try_again_later);
  CAF_CHECK_EQUAL(end.cause, make_error(errc::slow_receiver));
}

CAF_TEST(C60 too many messages for a slow receiver end the connection) {
  ws->cfg.max_queue_bytes = 256 << 20;
  ws->cfg.max_queue_messages = 5;
  ws->cfg.close_timeout = 200ms;
  open();
  auto peer = connect("/ws", 4096);
  CAF_CHECK_EQUAL(send_until_not_queued(256 << 20), actors::send_status::full);
  CAF_CHECK_EQUAL(wait_for_close().code, close_code::try_again_later);
}

CAF_TEST(C60 a slow receiver that goes on reading is told why) {
  ws->cfg.max_queue_bytes = 1 << 20;
  open();
  auto peer = connect();
  CAF_CHECK_EQUAL(send_until_not_queued(256 << 20), actors::send_status::full);
  auto x = peer.read_frame();
  while (x.opcode == 1)
    x = peer.read_frame();
  CAF_CHECK_EQUAL(x.code(), 1013);
  CAF_CHECK_EQUAL(x.reason(), "slow receiver");
}

CAF_TEST(much in one turn is no sign of a slow receiver) {
  ws->cfg.max_queue_bytes = 64 * 1024;
  ws->cfg.max_queue_messages = 2;
  open();
  auto peer = connect();
  auto status = with_socket([](actors::transport& socket) {
    auto result = actors::send_status::queued;
    for (auto i = 0; i < 20; ++i)
      result = socket.send(frame::text("small").wire());
    return result;
  });
  CAF_CHECK_EQUAL(status, actors::send_status::queued);
}

CAF_TEST(one message may be larger than the queue) {
  ws->cfg.max_queue_bytes = 64 * 1024;
  open();
  auto peer = connect();
  std::string big(8 << 20, 'x');
  auto status = with_socket([&](actors::transport& socket) {
    return socket.send(frame::text(big).wire());
  });
  CAF_CHECK_EQUAL(status, actors::send_status::queued);
  CAF_CHECK(peer.read_frame().payload == big);
}

CAF_TEST(C6 a write without progress ends the connection) {
  ws->cfg.max_queue_bytes = 256 << 20;
  ws->cfg.write_timeout = 300ms;
  open();
  auto peer = connect("/ws", 4096);
  send_until_not_queued(32 << 20);
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::abnormal);
  CAF_CHECK_EQUAL(end.cause, make_error(errc::write_timeout));
}

CAF_TEST(a peer that pings and reads no pongs must wait) {
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
