#define CAF_SUITE bench.message

#include "apps/bench/message.hpp"

#include "caf/test/dsl.hpp"

#include <string>

using namespace troupe::bench;

namespace {

/// What a server that sends each message back makes of one.
std::string server_frame(const message_format& format, std::uint32_t sender,
                         std::uint32_t seq, size_t size) {
  std::string payload;
  format.write(payload, sender, seq);
  std::string header{"\x81"};
  header += static_cast<char>(size < 126 ? size : 126);
  if (size >= 126) {
    header += static_cast<char>(size >> 8);
    header += static_cast<char>(size & 0xff);
  }
  return header + payload;
}

} // namespace

CAF_TEST(numbers survive as letters) {
  for (std::uint32_t x : {0u, 1u, 15u, 16u, 0xabcdefu, 0xffffffffu})
    CAF_CHECK_EQUAL(number(letters(x)), x);
}

CAF_TEST(a message is known again with its sender and number) {
  for (size_t size : {16u, 64u, 125u, 126u, 1024u}) {
    message_format format{size};
    auto frame = server_frame(format, 7, 4711, size);
    CAF_CHECK_EQUAL(frame.size(), format.server_frame_size());
    CAF_CHECK(frame.starts_with(format.server_header()));
    const auto* message = frame.data() + format.server_header().size();
    CAF_CHECK_EQUAL(message_format::sender_of(message), 7u);
    CAF_CHECK_EQUAL(message_format::sequence_of(message), 4711u);
    CAF_CHECK(format.matches(message, 7, 4711));
  }
}

CAF_TEST(each changed byte is noticed) {
  message_format format{64, dialect::socket_io};
  auto whole = 64 + std::string{R"(42["m",""])"}.size();
  auto frame = server_frame(format, 3, 5, whole);
  auto begin = format.server_header().size();
  for (auto i = begin; i < frame.size(); ++i) {
    auto changed = frame;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CAF_CHECK(!format.matches(changed.data() + begin, 3, 5));
  }
}

CAF_TEST(neighboring messages differ in their padding) {
  message_format format{64};
  std::string one;
  std::string other;
  format.write(one, 3, 5);
  format.write(other, 3, 6);
  CAF_CHECK(one.substr(16) != other.substr(16));
}

CAF_TEST(a message of socket.io is an event in an array) {
  message_format format{16, dialect::socket_io};
  std::string payload;
  format.write(payload, 0, 1);
  CAF_CHECK_EQUAL(payload, R"(42["m","aaaaaaaabaaaaaaa"])");
}

CAF_TEST(a request and its answer differ in what precedes the message) {
  struct exchange {
    dialect form;
    std::string request;
    std::string answer;
  };
  for (const auto& [form, request, answer] : {
         exchange{dialect::socket_io_ack, R"(421["m","aaaaaaaabaaaaaaa"])",
                  R"(431["aaaaaaaabaaaaaaa"])"},
         exchange{dialect::troupe_2, "q1;;m;0;aaaaaaaabaaaaaaa",
                  "a1;0;aaaaaaaabaaaaaaa"},
       }) {
    message_format format{16, form};
    std::string payload;
    format.write(payload, 0, 1);
    CAF_CHECK_EQUAL(payload, request);
    auto header = "\x81" + std::string{static_cast<char>(answer.size())};
    auto frame = header + answer;
    CAF_CHECK_EQUAL(frame.size(), format.server_frame_size());
    CAF_REQUIRE(frame.starts_with(format.server_header()));
    CAF_CHECK(
      format.matches(frame.data() + format.server_header().size(), 0, 1));
  }
}

CAF_TEST(a frame of a client is masked) {
  std::string out;
  frame_writer{}.append(out, frame_type::text, "hello");
  CAF_REQUIRE_EQUAL(out.size(), 11u);
  CAF_CHECK_EQUAL(out.substr(0, 2), "\x81\x85");
  for (size_t i = 0; i < 5; ++i)
    CAF_CHECK_EQUAL(static_cast<char>(out[6 + i] ^ out[2 + i % 4]), "hello"[i]);
}
