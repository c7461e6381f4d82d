#define CAF_SUITE net.ws_deflate

#include "net/ws/deflate_cache.hpp"
#include "net/ws/ws_session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/deflate.hpp"
#include "net/support/socket_stage.hpp"
#include "troupe/batch.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr auto rsv1 = 0x40;
constexpr auto answer
  = "permessage-deflate; server_no_context_takeover; "
    "client_no_context_takeover";

/// Returns a compressible text that differs for each number.
std::string long_text(int number) {
  return "m:chat;0;" + std::to_string(number) + std::string(1000, '.');
}

/// Returns the payload, decompressed if necessary.
std::string text_of(const client::frame& x) {
  return x.rsv1 ? decompressed(x.payload) : x.payload;
}

struct fixture : socket_stage {
  fixture() {
    ws->cfg.enable_compression = true;
  }

  /// Connects a client that offers compression with `parameters`, which the
  /// server must accept.
  client connect_deflated(const std::string& parameters = "") {
    client result{port};
    auto head = result.upgrade("/ws",
                               "Sec-WebSocket-Extensions: permessage-deflate"
                                 + parameters + "\r\n");
    CAF_REQUIRE_EQUAL(field(head, "Sec-WebSocket-Extensions"),
                      answer + parameters);
    CAF_REQUIRE_EQUAL(ws->log.pop().kind, news::opened);
    return result;
  }

  /// Sends `bytes` and returns how the connection ends: the code on the wire
  /// and the information for its actor.
  std::pair<int, close_info> provoke(std::string_view bytes) {
    auto peer = connect_deflated();
    peer.send(bytes);
    auto code = peer.read_message().code();
    return {code, wait_for_close()};
  }

  void check_end(std::string_view bytes, int code, errc cause) {
    auto [sent, told] = provoke(bytes);
    CAF_CHECK_EQUAL(sent, code);
    CAF_CHECK_EQUAL(static_cast<int>(told.code), code);
    CAF_CHECK_EQUAL(told.cause, make_error(cause));
  }

  /// Returns the number of compressed messages on all threads.
  uint64_t deflations() {
    uint64_t result = 0;
    on_each_worker([&](net::worker&) {
      result += net::deflate_cache::of_thread().deflations();
    });
    return result;
  }

  /// Runs `f(worker&)` on each worker in turn.
  template <class F>
  void on_each_worker(F f) {
    for (const auto& x : net::scheduler::of(sys)->workers()) {
      std::packaged_task<void()> task{[&] { f(*x); }};
      boost::asio::post(x->io(), [&task] { task(); });
      task.get_future().get();
    }
  }

  /// Sends each socket the slices of `messages` for `receiver(its number)`, as
  /// a room does: in one turn per thread.
  template <class F>
  void broadcast(const batch& messages, F receiver) {
    on_each_worker([&](net::worker& event_loop) {
      for (size_t i = 0; i < ws->sockets.size(); ++i)
        if (ws->event_loops[i] == &event_loop)
          messages.for_each_slice(receiver(i), [&](const slice& x) {
            ws->sockets[i].lock()->send(x);
          });
    });
  }

  size_t threads_in_use() {
    auto event_loops = ws->event_loops;
    std::sort(event_loops.begin(), event_loops.end());
    return static_cast<size_t>(
      std::unique(event_loops.begin(), event_loops.end())
      - event_loops.begin());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ws_deflate_tests, fixture)

// -- negotiation --------------------------------------------------------------

CAF_TEST(C13 compression is agreed on when both want it) {
  open();
  auto head = client{port}.upgrade("/ws");
  CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Extensions"), "");
  head = client{port}.upgrade(
    "/ws",
    "Sec-WebSocket-Extensions: x-unknown, permessage-deflate; "
    "server_max_window_bits=8\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; "
    "client_max_window_bits\r\n");
  CAF_CHECK_EQUAL(status(head), "101");
  CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Extensions"), answer);
  head = client{port}.upgrade("/ws",
                              "Sec-WebSocket-Extensions: permessage-deflate; "
                              "server_max_window_bits=8\r\n");
  CAF_CHECK_EQUAL(status(head), "101");
  CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Extensions"), "");
}

CAF_TEST(C13 compression is off by default) {
  ws->cfg.enable_compression = config{}.enable_compression;
  open();
  client peer{port};
  auto head = peer.upgrade("/ws",
                           "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  CAF_CHECK_EQUAL(field(head, "Sec-WebSocket-Extensions"), "");
  ws->log.pop();
  peer.send_frame(rsv1 | 1, compressed("nobody agreed on that"));
  CAF_CHECK_EQUAL(peer.read_message().code(), 1002);
}

// -- messages -----------------------------------------------------------------

CAF_TEST(C13 compressed messages come in and go out) {
  ws->echoes = true;
  ws->cfg.max_message_size = 1 << 20;
  open();
  auto peer = connect_deflated();
  for (size_t size : {0u, 1u, 255u, 256u, 5000u, 100000u, 1u << 20}) {
    std::string text(size, 'x');
    peer.send_frame(rsv1 | 1, compressed(text));
    CAF_CHECK(ws->log.pop().payload == text);
    auto echo = peer.read_message();
    CAF_CHECK_EQUAL(echo.opcode, 1);
    CAF_CHECK_EQUAL(echo.rsv1, size >= ws->cfg.compression_threshold);
    CAF_CHECK(text_of(echo) == text);
  }
  peer.send_frame(rsv1 | 2, compressed("\xff"));
  CAF_CHECK(ws->log.pop().is_binary);
  CAF_CHECK_EQUAL(peer.read_message().opcode, 2);
}

CAF_TEST(C13 plain messages may be among compressed ones) {
  open();
  auto peer = connect_deflated();
  auto packed = compressed("packed");
  peer.send(masked_frame(1, "plain") + masked_frame(rsv1 | 1, packed)
            + masked_frame(9, "") + masked_frame(2, "\xff")
            + masked_frame(rsv1 | 2, packed.substr(0, 3), false)
            + masked_frame(9, "") + masked_frame(0, packed.substr(3), false)
            + masked_frame(0, "") + masked_frame(1, "last"));
  std::string told;
  for (auto i = 0; i < 7; ++i)
    if (auto x = ws->log.pop(); x.kind == news::message)
      told += x.payload + (x.is_binary ? "! " : " ");
  CAF_CHECK_EQUAL(told, "plain packed \xff! packed! last ");
}

CAF_TEST(C13 what does not shrink goes out as it is) {
  ws->cfg.compression_threshold = 0;
  ws->echoes = true;
  open();
  auto peer = connect_deflated();
  std::string noise;
  for (auto i = 0u; i < 1000; ++i)
    noise += static_cast<char>(i * i * 2654435761u >> 16);
  peer.send_frame(2, noise);
  auto echo = peer.read_message();
  CAF_CHECK_EQUAL(echo.rsv1, false);
  CAF_CHECK(echo.payload == noise);
  peer.send_frame(1, "");
  CAF_CHECK_EQUAL(peer.read_message().rsv1, false);
}

CAF_TEST(C13 control frames are never compressed) {
  ws->cfg.compression_threshold = 0;
  open();
  auto peer = connect_deflated();
  with_socket([](actors::lower_layer& socket) {
    socket.send(control_frame(opcode::ping, std::string(100, 'x')));
  });
  auto ping = peer.read_frame();
  CAF_CHECK_EQUAL(ping.opcode, 9);
  CAF_CHECK_EQUAL(ping.rsv1, false);
  CAF_CHECK_EQUAL(ping.payload, std::string(100, 'x'));
}

CAF_TEST(C60 a queue that conflates is not compressed) {
  ws->cfg.on_overflow = overflow::conflate;
  ws->echoes = true;
  open();
  auto peer = connect_deflated();
  peer.send_frame(rsv1 | 1, compressed(long_text(1)));
  auto echo = peer.read_message();
  CAF_CHECK_EQUAL(echo.rsv1, false);
  CAF_CHECK(echo.payload == long_text(1));
}

// -- a broadcast --------------------------------------------------------------

CAF_TEST(C13 a broadcast is compressed once a thread) {
  open();
  std::vector<client> peers;
  for (auto i = 0; i < 50; ++i)
    peers.push_back(i % 5 == 0 ? connect() : connect_deflated());
  auto before = deflations();
  broadcast(batch{{{frame::text(long_text(0))}}}, [](size_t) { return 0u; });
  CAF_CHECK_EQUAL(deflations() - before, threads_in_use());
  for (size_t i = 0; i < peers.size(); ++i) {
    auto x = peers[i].read_message();
    CAF_CHECK_EQUAL(x.rsv1, i % 5 != 0);
    CAF_CHECK(text_of(x) == long_text(0));
  }
}

CAF_TEST(C13 a broadcast is compressed once a thread for each window) {
  open();
  std::string noise; // which repeats after 600 bytes
  for (auto i = 0u; i < 600; ++i)
    noise += static_cast<char>(i * i * 2654435761u >> 16);
  auto message = frame::binary(noise + noise + std::string(600, 'x'));
  std::vector<client> peers;
  auto bits = [](size_t i) { return i % 2 == 0 ? 15 : 9; };
  for (size_t i = 0; i < 40; ++i)
    peers.push_back(
      connect_deflated("; server_max_window_bits=" + std::to_string(bits(i))));
  auto before = deflations();
  broadcast(batch{{{message}}}, [](size_t) { return 0u; });
  CAF_CHECK_LESS_OR_EQUAL(deflations() - before, 2 * threads_in_use());
  for (size_t i = 0; i < peers.size(); ++i) {
    auto x = peers[i].read_message();
    CAF_REQUIRE(x.rsv1);
    CAF_CHECK(decompressed(x.payload, bits(i)) == message.payload());
    CAF_CHECK_EQUAL(x.payload.size() > 1000, bits(i) == 9);
  }
}

CAF_TEST(C13 members who are left out do not make it more) {
  open();
  std::vector<client> peers;
  for (auto i = 0; i < 20; ++i)
    peers.push_back(connect_deflated());
  std::vector<batch::entry> entries;
  for (auto i = 0; i < 20; ++i) // a large and a small one per member
    for (auto text : {long_text(i), "small " + std::to_string(i)})
      entries.push_back(
        {frame::text(text), 1u + static_cast<uint64_t>(i), true});
  auto before = deflations();
  broadcast(batch{entries}, [](size_t i) { return i + 1; });
  CAF_CHECK_EQUAL(deflations() - before, 20 * threads_in_use());
  for (auto i = 0; i < 20; ++i)
    for (auto j = 0; j < 20; ++j)
      if (i != j) {
        auto x = peers[static_cast<size_t>(i)].read_message();
        CAF_CHECK(x.rsv1 && text_of(x) == long_text(j));
        x = peers[static_cast<size_t>(i)].read_message();
        CAF_CHECK(!x.rsv1 && x.payload == "small " + std::to_string(j));
      }
}

CAF_TEST(C13 what was compressed is forgotten with the turn) {
  open();
  auto peer = connect_deflated();
  auto message = frame::text(long_text(0));
  auto before = deflations();
  for (auto i = 0; i < 3; ++i) {
    broadcast(batch{{{message}}}, [](size_t) { return 0u; });
    CAF_CHECK(text_of(peer.read_message()) == long_text(0));
  }
  CAF_CHECK_EQUAL(deflations() - before, 3u);
}

// -- limits and broken messages -----------------------------------------------

CAF_TEST(C10 the limit counts inflated bytes) {
  ws->cfg.max_message_size = 64 * 1024;
  open();
  auto bomb = compressed(std::string(1 << 20, '\0'));
  CAF_CHECK_LESS(bomb.size(), 1100u);
  check_end(masked_frame(rsv1 | 2, bomb), 1009, errc::message_too_big);
  check_end(masked_frame(rsv1 | 2, compressed(std::string(65537, 'x'))), 1009,
            errc::message_too_big);
  check_end(masked_frame(2, std::string(65537, 'x')), 1009,
            errc::message_too_big);
  check_end(masked_frame(rsv1 | 2, std::string(80000, '\0'), false), 1009,
            errc::message_too_big);
  // A message of the allowed size that is larger on the wire.
  auto peer = connect_deflated();
  for (auto level : {0, 9}) {
    peer.send_frame(rsv1 | 2, compressed(std::string(65536, 'x'), level));
    CAF_CHECK_EQUAL(ws->log.pop().payload.size(), 65536u);
  }
}

CAF_TEST(C13 broken compressed data end with 1007) {
  open();
  auto packed = compressed("some text");
  for (std::string broken :
       {std::string{"\xff\xff\xff"}, packed.substr(0, 4), packed + "\xff"})
    check_end(masked_frame(rsv1 | 1, broken), 1007, errc::protocol_violation);
}

CAF_TEST(C13 compressed text that is not UTF-8 ends with 1007) {
  open();
  for (auto text : {"\xff", "ok \xe2\x82"})
    check_end(masked_frame(rsv1 | 1, compressed(text)), 1007,
              errc::protocol_violation);
}

CAF_TEST(C13 RSV1 in the wrong place ends with 1002) {
  open();
  check_end(masked_frame(rsv1 | 9, "x"), 1002, errc::protocol_violation);
  check_end(masked_frame(1, "x", false) + masked_frame(rsv1, "x"), 1002,
            errc::protocol_violation);
  check_end(masked_frame(rsv1 | 0x20 | 1, "x"), 1002, errc::protocol_violation);
}

CAF_TEST_FIXTURE_SCOPE_END()
