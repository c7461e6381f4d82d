#define CAF_SUITE net.ws_session

#include "net/ws/ws_session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"

#include <malloc.h>

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  /// Returns the next event of `ws`, which must be a message.
  std::string next_message() {
    auto x = ws->log.pop();
    CAF_REQUIRE_EQUAL(x.kind, news::message);
    return x.payload;
  }

  /// Lets the worker visit its sockets, so that errors would show.
  void let_worker_run() {
    for (auto i = 0; i < 3; ++i)
      with_socket([](actors::lower_layer&) {});
  }

  static size_t heap_in_use() {
    auto x = mallinfo2();
    return x.uordblks + x.hblkhd;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ws_session_tests, fixture)

// -- messages -----------------------------------------------------------------

CAF_TEST(messages reach the upper_layer and frames reach the client) {
  ws->echoes = true;
  open();
  auto peer = connect();
  peer.send_text("hello");
  CAF_CHECK_EQUAL(next_message(), "hello");
  auto answer = peer.read_frame();
  CAF_CHECK_EQUAL(answer.opcode, 1);
  CAF_CHECK_EQUAL(answer.payload, "hello");
  peer.send_frame(2, std::string_view{"\0\xff", 2});
  CAF_CHECK(ws->log.pop().is_binary);
  answer = peer.read_frame();
  CAF_CHECK_EQUAL(answer.opcode, 2);
  CAF_CHECK_EQUAL(answer.payload, std::string("\0\xff", 2));
}

CAF_TEST(messages of any size up to the limit arrive whole) {
  ws->echoes = true;
  open();
  auto peer = connect();
  for (size_t size : {0u, 1u, 125u, 126u, 255u, 256u, 257u, 511u, 512u, 513u,
                      1536u, 4096u, 4097u, 65535u, 65536u}) {
    std::string text(size, 'x');
    for (size_t i = 0; i < size; ++i)
      text[i] = static_cast<char>('a' + i % 26);
    peer.send_text(text);
    CAF_CHECK(next_message() == text);
    CAF_CHECK(peer.read_frame().payload == text);
  }
}

CAF_TEST(fragments make one message with control frames in between) {
  open();
  auto peer = connect();
  peer.send_frame(1, "", false);
  peer.send_frame(0, "frag", false);
  peer.send_frame(9, "are you there");
  peer.send_frame(0, std::string(600, '-'), false);
  peer.send_frame(0, "ments");
  CAF_CHECK_EQUAL(peer.read_frame().payload, "are you there");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::control);
  CAF_CHECK_EQUAL(next_message(), "frag" + std::string(600, '-') + "ments");
}

CAF_TEST(bytes that come one by one make messages) {
  open();
  auto peer = connect();
  for (auto x : masked_frame(1, "slow") + masked_frame(1, "and steady"))
    peer.send({&x, 1});
  CAF_CHECK_EQUAL(next_message(), "slow");
  CAF_CHECK_EQUAL(next_message(), "and steady");
}

CAF_TEST(what a turn sends arrives in order) {
  open();
  auto peer = connect();
  for (auto count : {1, 3, 16, 17, 100, 1000}) {
    with_socket([count](actors::lower_layer& socket) {
      for (auto i = 0; i < count; ++i) // small and large ones
        socket.send(
          frame::text(std::to_string(i) + std::string(i % 7 * 400u, ' '))
            .wire());
    });
    for (auto i = 0; i < count; ++i)
      CAF_REQUIRE_EQUAL(std::stoi(peer.read_frame().payload), i);
  }
}

CAF_TEST(a slice of several frames is sent as it is) {
  open();
  auto peer = connect();
  auto bytes = std::make_shared<char[]>(6);
  std::copy_n(
    "\x81\x01"
    "a\x81\x01"
    "b",
    6, bytes.get());
  with_socket([&](actors::lower_layer& socket) {
    socket.send({bytes, {bytes.get(), 6}, 2});
  });
  CAF_CHECK_EQUAL(peer.read_frame().payload, "a");
  CAF_CHECK_EQUAL(peer.read_frame().payload, "b");
}

CAF_TEST(C57 eight senders share their messages with four sockets unbroken) {
  constexpr auto count = 200;
  open();
  std::vector<client> peers;
  for (auto i = 0; i < 4; ++i)
    peers.push_back(connect());
  std::vector<std::thread> senders;
  for (auto who = 0; who < 8; ++who)
    senders.emplace_back([this, who] {
      for (auto i = 0; i < count; ++i) {
        auto text = std::to_string(who) + std::to_string(i) + ' ';
        text.resize(100 + static_cast<size_t>(i), static_cast<char>('a' + who));
        auto message = frame::text(text);
        for (const auto& x : ws->sockets)
          x.lock()->send(message.wire());
      }
    });
  for (auto& x : senders)
    x.join();
  for (auto& x : peers) {
    std::array<int, 8> next{};
    for (auto i = 0; i < 8 * count; ++i) {
      auto text = x.read_message().payload;
      auto who = static_cast<size_t>(text[0] - '0');
      CAF_REQUIRE_EQUAL(std::stoi(text.substr(1)), next.at(who));
      auto fill = text.substr(text.find(' ') + 1);
      CAF_REQUIRE_EQUAL(text.size(), 100u + static_cast<size_t>(next[who]++));
      CAF_REQUIRE(fill
                  == std::string(fill.size(), static_cast<char>('a' + who)));
    }
  }
}

CAF_TEST(a lower_layer works from any thread) {
  ws->credit = 0;
  open();
  auto peer = connect();
  peer.send_text("wait");
  auto socket = ws->last_socket.lock();
  CAF_CHECK_EQUAL(socket->send(frame::text("first").wire()),
                  actors::send_status::queued);
  CAF_CHECK_EQUAL(peer.read_frame().payload, "first");
  socket->grant(1);
  CAF_CHECK_EQUAL(next_message(), "wait");
  socket->send(frame::text("second").wire());
  socket->close(close_code::normal, "done");
  CAF_CHECK_EQUAL(peer.read_frame().payload, "second");
  CAF_CHECK_EQUAL(peer.read_frame().reason(), "done");
}

CAF_TEST(C12 a read buffer is held while a large message is under way) {
  constexpr size_t size = 1 << 24;
  ws->cfg.read_buffer_size = size;
  open();
  auto peer = connect();
  auto before = heap_in_use();
  peer.send_frame(1, std::string(1000, 'x'), false);
  peer.send_frame(9, "");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::control);
  if (before > 0) // not available with sanitizers
    CAF_CHECK_GREATER(heap_in_use(), before + size / 2);
  peer.send_frame(0, "y");
  CAF_CHECK_EQUAL(next_message().size(), 1001u);
  let_worker_run();
  CAF_CHECK_LESS(heap_in_use(), before + size / 2);
}

CAF_TEST(C12 a read buffer may be smaller than a message) {
  ws->echoes = true;
  ws->cfg.read_buffer_size = 256;
  open();
  auto peer = connect();
  std::string text(60000, 'x');
  peer.send_text(text);
  CAF_CHECK(peer.read_frame().payload == text);
  peer.send_frame(1, text.substr(0, 30000), false);
  peer.send_frame(0, text.substr(0, 30000));
  CAF_CHECK(peer.read_frame().payload == text);
}

CAF_TEST(C12 much output does not wait for the end of the turn) {
  ws->cfg.write_buffer_size = 4096;
  open();
  auto peer = connect();
  std::promise<void> arrived;
  boost::asio::post(ws->last_home->io(), [&, socket = ws->last_socket.lock()] {
    for (auto i = 0; i < 2; ++i)
      socket->send(frame::text(std::string(4096, 'x')).wire());
    arrived.get_future().wait_for(10s);
  });
  CAF_CHECK_EQUAL(peer.read_frame().payload.size(), 4096u);
  arrived.set_value();
  CAF_CHECK_EQUAL(peer.read_frame().payload.size(), 4096u);
}

CAF_TEST(what is sent while a connection is attached arrives) {
  ws->on_attach = [](actors::lower_layer& socket) {
    socket.send(frame::text("welcome").wire());
  };
  open();
  auto peer = connect();
  CAF_CHECK_EQUAL(peer.read_frame().payload, "welcome");
}

// -- credit -------------------------------------------------------------------

CAF_TEST(reading rests without credit and goes on with it) {
  ws->credit = 2;
  open();
  auto peer = connect();
  for (auto x : {"1", "2", "3", "4", "5"})
    peer.send_text(x);
  CAF_CHECK_EQUAL(next_message(), "1");
  CAF_CHECK_EQUAL(next_message(), "2");
  let_worker_run();
  CAF_CHECK(ws->log.empty());
  with_socket([](actors::lower_layer& socket) { socket.grant(1); });
  CAF_CHECK_EQUAL(next_message(), "3");
  let_worker_run();
  CAF_CHECK(ws->log.empty());
  with_socket([](actors::lower_layer& socket) {
    socket.grant(1);
    socket.grant(1);
  });
  CAF_CHECK_EQUAL(next_message(), "4");
  CAF_CHECK_EQUAL(next_message(), "5");
}

CAF_TEST(many small frames of one client let another in) {
  ws->credit = 10000;
  open();
  auto hog = connect();
  auto elsewhere = connect();
  auto meek = connect();
  CAF_REQUIRE_EQUAL(ws->event_loops[0], ws->event_loops[2]);
  std::promise<void> both_sent;
  boost::asio::post(ws->event_loops[0]->io(),
                    [&] { both_sent.get_future().wait_for(10s); });
  std::string frames;
  for (auto i = 0; i < 3000; ++i)
    frames += masked_frame(1, "x");
  hog.send(frames);
  meek.send_text("me, too");
  both_sent.set_value();
  size_t before = 0;
  while (next_message() == "x")
    ++before;
  CAF_CHECK_LESS(before, 1000u);
  for (; before < 3000; ++before)
    CAF_CHECK_EQUAL(next_message(), "x");
}

CAF_TEST(slow handlers of one client let another in) {
  open();
  std::promise<void> begun;
  auto go = std::make_shared<std::promise<void>>();
  std::atomic<int> handled = 0;
  auto flooder = connect();
  auto elsewhere = connect();
  auto other = connect();
  CAF_REQUIRE_EQUAL(ws->event_loops[0], ws->event_loops[2]);
  ws->on_control = [&](actors::lower_layer&) {
    if (handled++ == 0) {
      begun.set_value();
      go->get_future().wait();
    }
    auto end = std::chrono::steady_clock::now() + 1ms;
    while (std::chrono::steady_clock::now() < end)
      ;
  };
  std::string pings;
  for (int i = 0; i < 200; ++i)
    pings += masked_frame(9, "");
  flooder.send(pings);
  begun.get_future().wait();
  other.send_text("let me in");
  go->set_value();
  auto x = ws->log.pop();
  while (x.kind != news::message)
    x = ws->log.pop();
  CAF_CHECK_LESS(handled.load(), 20);
  flooder.reset();
  while (x.kind != news::closed)
    x = ws->log.pop();
}

CAF_TEST(a connection that rests can be closed) {
  ws->credit = 0;
  open();
  auto peer = connect();
  peer.send_text("never read");
  with_socket([](actors::lower_layer& socket) {
    socket.close(close_code::normal, "bye");
  });
  CAF_CHECK_EQUAL(peer.read_frame().reason(), "bye");
  peer.send_close(1000);
  CAF_CHECK_EQUAL(peer.read_after_close(), "");
  CAF_CHECK_EQUAL(wait_for_close().code, close_code::normal);
}

// -- control frames -----------------------------------------------------------

CAF_TEST(pings are answered and both kinds are told) {
  open();
  auto peer = connect();
  peer.send_frame(9, "ping");
  auto answer = peer.read_frame();
  CAF_CHECK_EQUAL(answer.opcode, 10);
  CAF_CHECK_EQUAL(answer.payload, "ping");
  auto x = ws->log.pop();
  CAF_CHECK_EQUAL(x.kind, news::control);
  CAF_CHECK_EQUAL(x.is_pong, false);
  CAF_CHECK_EQUAL(x.payload, "ping");
  peer.send_frame(10, "pong");
  x = ws->log.pop();
  CAF_CHECK_EQUAL(x.is_pong, true);
  CAF_CHECK_EQUAL(x.payload, "pong");
}

CAF_TEST(pings and pongs that somebody wants cost credit) {
  ws->credit = 3;
  ws->wants_control = true;
  open();
  auto peer = connect();
  peer.send(masked_frame(9, "1") + masked_frame(10, "2") + masked_frame(9, "3")
            + masked_frame(9, "4"));
  for (auto answer : {"1", "3"})
    CAF_CHECK_EQUAL(peer.read_frame().payload, answer);
  with_socket([](actors::lower_layer&) {}); // until it has used its credit
  for (auto payload : {"1", "2", "3"})
    CAF_CHECK_EQUAL(ws->log.pop().payload, payload);
  CAF_CHECK(ws->log.empty());
  with_socket([](actors::lower_layer& socket) { socket.grant(1); });
  CAF_CHECK_EQUAL(ws->log.pop().payload, "4");
}

CAF_TEST(pings and pongs that nobody wants cost no credit) {
  ws->credit = 1;
  open();
  auto peer = connect();
  for (auto i = 0; i < 10; ++i)
    peer.send(masked_frame(9, "x") + masked_frame(10, ""));
  peer.send_text("read");
  for (auto i = 0; i < 20; ++i)
    CAF_CHECK_EQUAL(ws->log.pop().kind, news::control);
  CAF_CHECK_EQUAL(ws->log.pop().payload, "read");
}

CAF_TEST(a handler of a ping may close) {
  ws->on_control = [](actors::lower_layer& socket) {
    socket.send(frame::text("before").wire());
    socket.close(close_code::normal, "");
    socket.grant(1);
  };
  open();
  auto peer = connect();
  peer.send(masked_frame(9, "") + masked_frame(9, "") + masked_frame(1, "x"));
  CAF_CHECK_EQUAL(peer.read_frame().payload, "before");
  CAF_CHECK_EQUAL(peer.read_frame().opcode, 8);
  peer.send_close(1000);
  CAF_CHECK_EQUAL(peer.read_after_close(), "");
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::control);
  CAF_CHECK_EQUAL(ws->log.pop().kind, news::closed);
}

CAF_TEST_FIXTURE_SCOPE_END()
