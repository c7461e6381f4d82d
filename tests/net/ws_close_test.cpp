#define CAF_SUITE net.ws_close

#include "net/ws/ws_session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "troupe/error.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

struct fixture : socket_stage {
  /// Sends `bytes` and reads the resulting close frame.
  client::frame provoke(std::string_view bytes) {
    auto peer = connect();
    peer.send(bytes);
    auto answer = peer.read_frame();
    CAF_CHECK_EQUAL(answer.opcode, 8);
    CAF_CHECK_EQUAL(peer.read_after_close(), "");
    return answer;
  }

  void close_by_server(close_code code, std::string_view reason) {
    with_socket([=](actors::lower_layer& x) { x.close(code, reason); });
  }
};

std::string two_bytes(char x, char y) {
  return {x, y};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(ws_close_tests, fixture)

// -- by the server ------------------------------------------------------------

CAF_TEST(C45 a close is a handshake after all that was sent) {
  open();
  auto peer = connect();
  with_socket([](actors::lower_layer& socket) {
    socket.send(frame::text("last words").wire());
    socket.close(close_code::policy_violation, "enough");
    CAF_CHECK_EQUAL(socket.send(frame::text("more").wire()),
                    actors::send_status::closed);
    socket.close(close_code::normal, "a second call does nothing");
  });
  CAF_CHECK_EQUAL(peer.read_frame().payload, "last words");
  auto bye = peer.read_frame();
  CAF_CHECK_EQUAL(bye.code(), 1008);
  CAF_CHECK_EQUAL(bye.reason(), "enough");
  peer.send_text("a message that crosses");
  peer.send_close(1008, "enough");
  CAF_CHECK_EQUAL(peer.read_all(), "");
  peer.finish();
  auto end = ws->log.pop();
  CAF_REQUIRE_EQUAL(end.kind, news::closed);
  CAF_CHECK_EQUAL(end.end.code, close_code::policy_violation);
  CAF_CHECK_EQUAL(end.end.reason, "enough");
  CAF_CHECK_EQUAL(end.end.by_peer, false);
  CAF_CHECK(!end.end.cause);
}

CAF_TEST(a peer that does not answer a close is cut) {
  ws->cfg.close_timeout = 100ms;
  open();
  auto peer = connect();
  close_by_server(close_code::normal, "");
  CAF_CHECK_EQUAL(wait_for_close().code, close_code::normal);
  CAF_CHECK_EQUAL(peer.read_frame().opcode, 8);
  CAF_CHECK_EQUAL(peer.read_all(), "");
}

CAF_TEST(a peer that answers a close but keeps its socket open is cut) {
  ws->cfg.close_timeout = 100ms;
  open();
  auto peer = connect();
  close_by_server(close_code::normal, "");
  CAF_CHECK_EQUAL(peer.read_frame().opcode, 8);
  peer.send_close(1000);
  CAF_CHECK_EQUAL(wait_for_close().code, close_code::normal);
}

CAF_TEST(codes that must not be sent are not sent) {
  open();
  for (auto [given, sent] :
       {std::pair{1005, 1005}, std::pair{1006, 1011}, std::pair{1015, 1011},
        std::pair{99, 1011}, std::pair{4999, 4999}, std::pair{3000, 3000}}) {
    auto peer = connect();
    close_by_server(static_cast<close_code>(given), "");
    CAF_CHECK_EQUAL(peer.read_frame().code(), sent);
    peer.send_close(1000);
    peer.finish();
    wait_for_close();
  }
}

CAF_TEST(a long reason is cut between two characters) {
  open();
  auto peer = connect();
  std::string reason = "x";
  while (reason.size() < 200)
    reason += "\xe2\x82\xac"; // at most 1 + 40 * 3 = 121 bytes fit
  close_by_server(close_code::normal, reason);
  CAF_CHECK_EQUAL(peer.read_frame().reason(), reason.substr(0, 121));
}

// -- by the peer --------------------------------------------------------------

CAF_TEST(C39 a close of the peer is answered and told) {
  open();
  auto peer = connect();
  peer.send_close(4001, "moved");
  auto answer = peer.read_frame();
  CAF_CHECK_EQUAL(answer.opcode, 8);
  CAF_CHECK_EQUAL(answer.code(), 4001);
  CAF_CHECK_EQUAL(peer.read_all(), "");
  peer.finish();
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(static_cast<int>(end.code), 4001);
  CAF_CHECK_EQUAL(end.reason, "moved");
  CAF_CHECK_EQUAL(end.by_peer, true);
  CAF_CHECK(end.cause == make_error(errc::closed_by_peer, "4001 moved"));
}

CAF_TEST(C37 a normal close of the peer is no error) {
  open();
  for (auto code : {1000, 1001}) {
    auto peer = connect();
    peer.send_close(static_cast<uint16_t>(code));
    CAF_CHECK_EQUAL(peer.read_frame().code(), code);
    peer.finish();
    auto end = wait_for_close();
    CAF_CHECK_EQUAL(static_cast<int>(end.code), code);
    CAF_CHECK_EQUAL(end.by_peer, true);
    CAF_CHECK(!end.cause);
  }
  auto peer = connect();
  peer.send_frame(8, "");
  CAF_CHECK_EQUAL(peer.read_frame().opcode, 8);
  peer.finish();
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::no_status);
  CAF_CHECK(!end.cause);
}

CAF_TEST(a peer that closes and keeps its socket open is cut) {
  ws->cfg.close_timeout = 100ms;
  open();
  auto peer = connect();
  peer.send_close(1000);
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::normal);
  CAF_CHECK_EQUAL(end.by_peer, true);
}

CAF_TEST(after the close of a peer nothing is sent) {
  open();
  auto peer = connect();
  peer.send_close(1000);
  CAF_CHECK_EQUAL(peer.read_frame().opcode, 8);
  with_socket([](actors::lower_layer& socket) {
    CAF_CHECK_EQUAL(socket.send(frame::text("late").wire()),
                    actors::send_status::closed);
    socket.close(close_code::going_away, "late, too");
  });
  CAF_CHECK_EQUAL(peer.read_all(), "");
  peer.finish();
  CAF_CHECK_EQUAL(wait_for_close().code, close_code::normal);
}

CAF_TEST(the end of TCP without a close is an abnormal end) {
  open();
  auto peer = connect();
  peer.send(masked_frame(1, "half of this").substr(0, 5));
  peer.finish();
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::abnormal);
  CAF_CHECK_EQUAL(end.by_peer, true);
  CAF_CHECK_EQUAL(end.cause, make_error(errc::connection_lost));
  CAF_CHECK_EQUAL(peer.read_all(), "");
}

CAF_TEST(a reset is an abnormal end) {
  open();
  auto peer = connect();
  peer.reset();
  CAF_CHECK_EQUAL(wait_for_close().code, close_code::abnormal);
}

CAF_TEST(a client that dies while it is written to is an abnormal end) {
  ws->cfg.max_queue_bytes = 64 << 20;
  open();
  auto peer = connect();
  auto big = frame::text(std::string(1 << 20, 'x')).wire();
  with_socket([&](actors::lower_layer& socket) {
    for (auto i = 0; i < 32; ++i)
      socket.send(big);
  });
  peer.read(100000);
  peer.reset();
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::abnormal);
  CAF_CHECK_EQUAL(end.cause, make_error(errc::connection_lost));
}

CAF_TEST(a client that dies while its connection rests is noticed) {
  ws->credit = 0;
  open();
  auto peer = connect();
  peer.send_text("unread");
  peer.reset();
  with_socket([](actors::lower_layer& socket) {
    socket.send(frame::text("anybody there").wire());
  });
  CAF_CHECK_EQUAL(wait_for_close().code, close_code::abnormal);
}

// -- protocol violations ------------------------------------------------------

CAF_TEST(C10 a message that is too big ends with 1009) {
  ws->cfg.max_message_size = 1000;
  open();
  CAF_CHECK_EQUAL(provoke(masked_frame(1, std::string(1001, 'x'))).code(),
                  1009);
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::message_too_big);
  CAF_CHECK_EQUAL(end.by_peer, false);
  CAF_CHECK_EQUAL(end.cause, make_error(errc::message_too_big));
  // Also in fragments, and merely announced.
  CAF_CHECK_EQUAL(provoke(masked_frame(1, std::string(600, 'x'), false)
                          + masked_frame(0, std::string(600, 'x')))
                    .code(),
                  1009);
  wait_for_close();
  CAF_CHECK_EQUAL(
    provoke(std::string("\x81\xff\0\0\0\0\x40\0\0\0\1\2\3\4", 14)).code(),
    1009);
  wait_for_close();
}

CAF_TEST(text that is not UTF-8 ends with 1007) {
  open();
  CAF_CHECK_EQUAL(provoke(masked_frame(1, "\xff")).code(), 1007);
  auto end = wait_for_close();
  CAF_CHECK_EQUAL(end.code, close_code::invalid_payload);
  CAF_CHECK_EQUAL(end.cause, make_error(errc::protocol_violation));
}

CAF_TEST(text that ends inside a character ends with 1007) {
  open();
  // Beast 1.81 does not check the text before an empty last fragment.
  for (auto text : {"\xe2\x82", "\xc3", "ok \xf0\x9f\x98"}) {
    auto peer = connect();
    peer.send(masked_frame(1, text, false) + masked_frame(0, ""));
    auto answer = peer.read_frame();
    CAF_CHECK_EQUAL(answer.code(), 1007);
    peer.send_close(1007);
    CAF_CHECK_EQUAL(peer.read_all(), "");
    peer.finish();
    auto end = ws->log.pop();
    CAF_CHECK_EQUAL(end.kind, news::closed);
    CAF_CHECK_EQUAL(end.end.code, close_code::invalid_payload);
  }
}

CAF_TEST(broken frames end with 1002) {
  open();
  std::string unmasked{"\x81\x01x", 3};
  std::string reserved_bit = masked_frame(1, "x");
  reserved_bit[0] = static_cast<char>(0xc1);
  std::string bad_opcode = masked_frame(3, "x");
  std::string lone_continuation = masked_frame(0, "x");
  std::string long_ping = masked_frame(9, std::string(126, 'x'));
  std::string bad_code = masked_frame(8, two_bytes(0x03, char(0xec))); // 1004
  std::string half_code = masked_frame(8, "x");
  for (const auto& x : {unmasked, reserved_bit, bad_opcode, lone_continuation,
                        long_ping, bad_code, half_code}) {
    CAF_CHECK_EQUAL(provoke(x).code(), 1002);
    auto end = wait_for_close();
    CAF_CHECK_EQUAL(end.code, close_code::protocol_error);
    CAF_CHECK_EQUAL(end.cause, make_error(errc::protocol_violation));
  }
}

CAF_TEST(who breaks the rules and stays is cut) {
  ws->cfg.close_timeout = 100ms;
  open();
  auto peer = connect();
  peer.send(std::string_view{"\x81\x01x", 3});
  CAF_CHECK_EQUAL(wait_for_close().code, close_code::protocol_error);
  CAF_CHECK_EQUAL(peer.read_frame().code(), 1002);
}

CAF_TEST(C37 the end for breaking the rules is told at once) {
  ws->cfg.max_message_size = 1000;
  ws->cfg.close_timeout = 24h; // The peer neither responds nor closes.
  open();
  std::string unmasked{"\x81\x01x", 3};
  for (auto [bytes, code] :
       {std::pair{unmasked, 1002}, std::pair{masked_frame(1, "\xff"), 1007},
        std::pair{masked_frame(1, "\xc3", false) + masked_frame(0, ""), 1007},
        std::pair{masked_frame(1, std::string(1001, 'x')), 1009}}) {
    auto peer = connect();
    peer.send(bytes);
    auto end = wait_for_close();
    CAF_CHECK_EQUAL(static_cast<int>(end.code), code);
    CAF_CHECK(end.cause);
    CAF_CHECK_EQUAL(peer.read_frame().code(), code);
  }
}

CAF_TEST(an endpoint that has stopped closes with 1001) {
  ws->refuses = true;
  open();
  client peer{port};
  CAF_CHECK_EQUAL(status(peer.upgrade("/ws")), "101");
  CAF_CHECK_EQUAL(peer.read_frame().code(), 1001);
}

CAF_TEST(an endpoint that throws closes with 1011) {
  ws->on_attach = [](actors::lower_layer&) { throw 1; };
  open();
  client peer{port};
  CAF_CHECK_EQUAL(status(peer.upgrade("/ws")), "101");
  CAF_CHECK_EQUAL(peer.read_frame().code(), 1011);
}

CAF_TEST_FIXTURE_SCOPE_END()
