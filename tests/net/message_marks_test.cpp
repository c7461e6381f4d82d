#define CAF_SUITE net.message_marks

#include "net/message_marks.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/client.hpp"

#include <random>
#include <string>
#include <vector>

using namespace troupe::net;
using namespace troupe::test;

namespace {

constexpr auto rsv1 = 0x40;

/// Passes `bytes` in one piece. @returns what Beast would see.
std::string watched(message_marks& marks, std::string bytes) {
  marks.watch(bytes.data(), bytes.size());
  return bytes;
}

} // namespace

CAF_TEST(C13 a compressed message becomes a binary one) {
  message_marks marks;
  CAF_CHECK(watched(marks, masked_frame(rsv1 | 1, "x"))
            == masked_frame(2, "x"));
  CAF_CHECK(watched(marks, masked_frame(rsv1 | 2, "x"))
            == masked_frame(2, "x"));
  CAF_CHECK(watched(marks, masked_frame(1, "x")) == masked_frame(1, "x"));
  CAF_CHECK(marks.front() == message_kind::deflated_text);
  marks.pop();
  CAF_CHECK(marks.front() == message_kind::deflated_binary);
  marks.pop();
  CAF_CHECK(marks.front() == message_kind::plain);
}

CAF_TEST(C13 what breaks the rules stays as it is) {
  for (auto opcode : {0, 8, 9, 10, 3, 11}) {
    message_marks marks;
    auto wrong = masked_frame(rsv1 | opcode, "x");
    CAF_CHECK(watched(marks, wrong) == wrong);
  }
  message_marks marks; // RSV1 in the midst of a message
  for (auto frame :
       {masked_frame(1, "x", false), masked_frame(rsv1, "x", false),
        masked_frame(rsv1 | 1, "x", false)})
    CAF_CHECK(watched(marks, frame) == frame);
}

CAF_TEST(C13 messages are told apart however they arrive) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random{seed};
    auto pick = [&](size_t to) {
      return std::uniform_int_distribution<size_t>{0, to}(random);
    };
    std::string sent;
    std::string expected;
    std::vector<message_kind> kinds;
    for (auto i = 0; i < 20; ++i) {
      auto is_deflated = pick(1) == 0;
      auto opcode = static_cast<int>(1 + pick(1));
      kinds.push_back(!is_deflated  ? message_kind::plain
                      : opcode == 1 ? message_kind::deflated_text
                                    : message_kind::deflated_binary);
      for (auto fragments = 1 + pick(2), n = fragments; n > 0; --n) {
        std::string payload(pick(20) == 0 ? pick(70000) : pick(200), '\xff');
        auto first = n == fragments;
        sent += masked_frame(first ? (is_deflated ? rsv1 | opcode : opcode) : 0,
                             payload, n == 1);
        expected += masked_frame(first ? (is_deflated ? 2 : opcode) : 0,
                                 payload, n == 1);
        if (pick(3) == 0) {
          auto ping = masked_frame(9, "\xc1\xc1");
          sent += ping;
          expected += ping;
        }
      }
    }
    message_marks marks;
    for (size_t pos = 0; pos < sent.size();) {
      auto size = std::min(sent.size() - pos, 1 + pick(pick(2000)));
      marks.watch(sent.data() + pos, size);
      pos += size;
    }
    if (sent != expected)
      CAF_FAIL("seed " << seed << ": other bytes");
    for (auto kind : kinds) {
      if (marks.front() != kind)
        CAF_FAIL("seed " << seed << ": another kind");
      marks.pop();
    }
  }
}
