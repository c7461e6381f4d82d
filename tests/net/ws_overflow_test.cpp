#define CAF_SUITE net.ws_overflow

#include "net/ws/ws_session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "troupe/error.hpp"

#include <algorithm>
#include <thread>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  static constexpr auto message_count = 2000;
  static constexpr size_t message_size = 60000;

  /// Fills the socket and the queue of a peer that does not read.
  /// @returns the last status.
  actors::send_status send_until_not_queued(size_t most) {
    auto big = frame::text(std::string(64 * 1024, 'x')).wire();
    return with_socket([&](actors::lower_layer& socket) {
      auto result = actors::send_status::queued;
      for (size_t sent = 0;
           sent < most && result == actors::send_status::queued;
           sent += big.bytes.size())
        result = socket.send(big);
      return result;
    });
  }

  /// Returns a message `m:<event>;0;<number> xxx...`.
  static slice message(int number) {
    auto text = "m:" + std::to_string(number % 10) + ";0;"
                + std::to_string(number) + ' ';
    text.resize(message_size, 'x');
    return frame::text(text).wire();
  }

  static int number_in(const std::string& message) {
    return std::stoi(message.substr(message.rfind(';') + 1));
  }

  /// Sends as many messages to a client that does not read as to another one,
  /// which must receive all of them meanwhile.
  /// @returns the messages that the first client receives when it finally
  ///          reads.
  std::vector<int> read_late(overflow policy) {
    ws->cfg.max_queue_bytes = 1 << 20;
    ws->cfg.on_overflow = policy;
    open();
    auto other = connect();
    auto slow = connect("/ws", 4096);
    auto to_other = ws->sockets[0].lock();
    auto to_slow = ws->sockets[1].lock();
    for (auto i = 0; i < message_count; ++i) {
      auto x = message(i);
      to_slow->send(x);
      to_other->send(x);
      CAF_REQUIRE_EQUAL(number_in(other.read_message().payload), i);
    }
    to_slow->send(frame::text("the end").wire());
    auto result = read_numbers(slow);
    CAF_CHECK_LESS(result.size(), message_count / 2u);
    CAF_CHECK(std::is_sorted(result.begin(), result.end()));
    while (ws->dropped + ws->conflated + result.size() < message_count)
      std::this_thread::yield(); // counted within a tick
    CAF_CHECK_EQUAL(ws->dropped + ws->conflated + result.size(),
                    message_count + 0u);
    CAF_CHECK(ws->log.empty()); // no connection was closed
    return result;
  }

  /// Returns how many of 4000 messages of 1000 bytes a client still receives
  /// after it has not read for a while.
  size_t count_stale() {
    ws->cfg.max_queue_bytes = ws->cfg.max_message_size;
    open();
    auto peer = connect("/ws", 4096);
    with_socket([](actors::lower_layer& socket) {
      for (auto i = 0; i < 4000; ++i)
        socket.send(frame::text("m:x;0;" + std::string(1000, 'x')).wire());
      socket.send(frame::text("the end").wire());
    });
    size_t result = 0;
    while (peer.read_message().payload != "the end")
      ++result;
    return result;
  }

  static std::vector<int> read_numbers(client& from) {
    std::vector<int> result;
    for (;;) {
      auto message = from.read_message().payload;
      if (message == "the end")
        return result;
      CAF_REQUIRE_EQUAL(message.size(), message_size);
      result.push_back(number_in(message));
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ws_overflow_tests, fixture)

CAF_TEST(C60 too many bytes for a slow receiver end the connection) {
  ws->cfg.max_queue_bytes = 1 << 20;
  ws->cfg.close_timeout = 200ms;
  open();
  auto peer = connect("/ws", 4096);
  CAF_CHECK_EQUAL(send_until_not_queued(256 << 20), actors::send_status::full);
  with_socket([](actors::lower_layer& socket) {
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

CAF_TEST(C60 the end of a slow receiver is told at once) {
  ws->cfg.max_queue_bytes = 1 << 20;
  ws->cfg.close_timeout = 24h;
  open();
  auto peer = connect("/ws", 4096);
  CAF_CHECK_EQUAL(send_until_not_queued(256 << 20), actors::send_status::full);
  CAF_CHECK_EQUAL(wait_for_close().cause, make_error(errc::slow_receiver));
}

CAF_TEST(much in one turn is no sign of a slow receiver) {
  ws->cfg.max_queue_bytes = 64 * 1024;
  ws->cfg.max_queue_messages = 2;
  open();
  auto peer = connect();
  auto status = with_socket([](actors::lower_layer& socket) {
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
  auto status = with_socket([&](actors::lower_layer& socket) {
    return socket.send(frame::text(big).wire());
  });
  CAF_CHECK_EQUAL(status, actors::send_status::queued);
  CAF_CHECK(peer.read_frame().payload == big);
}

CAF_TEST(C60 drop_oldest keeps a slow receiver up to date) {
  auto got = read_late(overflow::drop_oldest);
  CAF_CHECK_EQUAL(got.back(), message_count - 1);
  CAF_CHECK_EQUAL(ws->conflated, 0u);
}

CAF_TEST(C60 drop_newest keeps the first messages of a slow receiver) {
  auto got = read_late(overflow::drop_newest);
  CAF_CHECK_EQUAL(got.back() + 1u, got.size());
  CAF_CHECK_EQUAL(ws->conflated, 0u);
}

CAF_TEST(C60 conflate keeps the newest of each event for a slow receiver) {
  auto got = read_late(overflow::conflate);
  CAF_REQUIRE_LESS(10u, got.size());
  CAF_CHECK_EQUAL(got[got.size() - 10], message_count - 10);
  CAF_CHECK_EQUAL(ws->dropped, 0u);
}

CAF_TEST(C60 with conflate little waits in the kernel) {
  ws->cfg.on_overflow = overflow::conflate;
  CAF_CHECK_LESS(count_stale(), 300u);
}

CAF_TEST(C60 what waits in the kernel can be limited) {
  ws->cfg.on_overflow = overflow::drop_oldest;
  ws->cfg.max_unsent_bytes = 4096;
  CAF_CHECK_LESS(count_stale(), 300u);
}

CAF_TEST_FIXTURE_SCOPE_END()
