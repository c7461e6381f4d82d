#define CAF_SUITE wire.frame_reader

#include "net/wire/frame_reader.hpp"

#include "caf/test/dsl.hpp"

#include "support/masked_frame.hpp"

#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace troupe;
using namespace troupe::net;
using namespace troupe::test;

namespace {

using found = frame_reader::found;

constexpr auto rsv1 = 0x40;
constexpr frame_reader::limits limits{1000, 1200, 16};

/// What was read of some bytes.
struct result {
  std::vector<std::pair<found, std::string>> things;
  frame_reader::failure why;

  friend bool operator==(const result& x, const result& y) {
    return x.things == y.things && x.why.code == y.why.code
           && x.why.what == y.why.what;
  }
};

/// @returns false after a failure, which nothing may follow.
bool read_piece(frame_reader& reader, std::string piece, result& to) {
  std::span<char> input{piece};
  for (;;) {
    auto what = reader.next(input, limits);
    if (what == found::nothing) {
      CAF_CHECK(input.empty());
      return true;
    }
    to.things.emplace_back(what, std::string{reader.payload()});
    if (what == found::failure) {
      to.things.back().second.clear();
      to.why = reader.why();
      return false;
    }
    reader.forget();
  }
}

/// @param cut the size of the next piece.
template <class F>
result read(std::string_view bytes, F cut, bool deflate = false) {
  result to;
  frame_reader reader;
  if (deflate)
    reader.expect_deflate();
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, cut());
    bytes.remove_prefix(piece.size());
    if (!read_piece(reader, std::string{piece}, to))
      break;
  }
  return to;
}

result read(std::string_view bytes, bool deflate = false) {
  return read(
    bytes, [&] { return bytes.size(); }, deflate);
}

/// The close code that `bytes` lead to; 0 if they are fine. However they come.
int code_of(std::string_view bytes, bool deflate = false) {
  auto at_once = read(bytes, deflate);
  CAF_CHECK(read(
              bytes, [] { return size_t{1}; }, deflate)
            == at_once);
  auto failed = !at_once.things.empty()
                && at_once.things.back().first == found::failure;
  return failed ? static_cast<int>(at_once.why.code) : 0;
}

std::string header(int first, int second, std::string_view rest = "") {
  return std::string{static_cast<char>(first), static_cast<char>(second)}
         + std::string{rest};
}

} // namespace

CAF_TEST(messages and control frames are told apart) {
  auto x = read(masked_frame(1, "text") + masked_frame(2, "\xff")
                + masked_frame(9, "i") + masked_frame(10, "o")
                + masked_frame(8, "") + masked_frame(1, ""));
  std::vector<std::pair<found, std::string>> expected{
    {found::text, "text"}, {found::binary, "\xff"}, {found::ping, "i"},
    {found::pong, "o"},    {found::close, ""},      {found::text, ""},
  };
  CAF_CHECK(x.things == expected);
}

CAF_TEST(fragments become one message with control frames between them) {
  auto bytes = masked_frame(1, "a\xe2", false) + masked_frame(9, "ping")
               + masked_frame(0, "\x82", false) + masked_frame(0, "", false)
               + masked_frame(0, "\xac") + masked_frame(2, "next");
  auto x = read(bytes);
  std::vector<std::pair<found, std::string>> expected{
    {found::ping, "ping"},
    {found::text, "a\xe2\x82\xac"},
    {found::binary, "next"},
  };
  CAF_CHECK(x.things == expected);
  CAF_CHECK(read(bytes, [] { return size_t{1}; }) == x);
}

CAF_TEST(lengths have three forms and only the shortest that fits) {
  for (size_t size : {0u, 1u, 125u, 126u, 127u, 1000u}) {
    auto x = read(masked_frame(2, std::string(size, 'x')));
    CAF_REQUIRE_EQUAL(x.things.size(), 1u);
    CAF_CHECK_EQUAL(x.things[0].second, std::string(size, 'x'));
  }
  using namespace std::string_literals;
  auto mask = "\0\0\0\0"s;
  CAF_CHECK_EQUAL(code_of(header(0x82, 0xfe, "\0\x7d"s + mask)), 1002);
  CAF_CHECK_EQUAL(code_of(header(0x82, 0xfe, "\0\x7e"s + mask)), 0);
  CAF_CHECK_EQUAL(code_of(header(0x82, 0xff, "\0\0\0\0\0\0\xff\xff"s + mask)),
                  1002);
  CAF_CHECK_EQUAL(code_of(header(0x82, 0xff, "\0\0\0\0\0\1\0\0"s + mask)),
                  1009);
  CAF_CHECK_EQUAL(code_of(header(0x82, 0xff, "\x80\0\0\0\0\1\0\0"s + mask)),
                  1002);
}

CAF_TEST(what RFC 6455 forbids ends with 1002) {
  for (auto opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    CAF_CHECK_EQUAL(code_of(masked_frame(opcode, "")), 1002);
  for (auto bit : {0x10, 0x20, 0x40})
    for (auto opcode : {0, 1, 2, 8, 9, 10})
      CAF_CHECK_EQUAL(code_of(masked_frame(bit | opcode, "")), 1002);
  CAF_CHECK_EQUAL(code_of(header(0x81, 0x01, "x")), 1002); // no mask
  CAF_CHECK_EQUAL(code_of(masked_frame(0, "x")), 1002);
  CAF_CHECK_EQUAL(code_of(masked_frame(0, "x", false)), 1002);
  for (auto opcode : {1, 2})
    CAF_CHECK_EQUAL(
      code_of(masked_frame(1, "x", false) + masked_frame(opcode, "x")), 1002);
  for (auto opcode : {8, 9, 10}) {
    CAF_CHECK_EQUAL(code_of(masked_frame(opcode, "", false)), 1002);
    CAF_CHECK_EQUAL(code_of(masked_frame(opcode, std::string(126, 'x'))), 1002);
    CAF_CHECK_EQUAL(code_of(masked_frame(opcode, std::string(125, 'x'))), 0);
  }
}

CAF_TEST(C13 RSV1 marks the beginning of compressed messages) {
  auto x = read(masked_frame(rsv1 | 1, "\xff", false) + masked_frame(0, "\xff")
                  + masked_frame(rsv1 | 2, "b") + masked_frame(1, "t"),
                true);
  std::vector<std::pair<found, std::string>> expected{
    {found::deflated_text, "\xff\xff"},
    {found::deflated_binary, "b"},
    {found::text, "t"},
  };
  CAF_CHECK(x.things == expected);
  for (auto opcode : {0, 8, 9, 10})
    CAF_CHECK_EQUAL(code_of(masked_frame(rsv1 | opcode, ""), true), 1002);
  CAF_CHECK_EQUAL(
    code_of(masked_frame(1, "x", false) + masked_frame(rsv1 | 0, "x"), true),
    1002);
}

CAF_TEST(C10 a message is too big as soon as its head says so) {
  auto first = masked_frame(2, std::string(600, 'x'), false);
  auto head = [](size_t size) {
    return masked_frame(0, std::string(size, 'x')).substr(0, 8);
  };
  CAF_CHECK_EQUAL(code_of(first + head(400)), 0);
  CAF_CHECK_EQUAL(code_of(first + head(401)), 1009);
  auto deflated = masked_frame(rsv1 | 2, std::string(1201, 'x'));
  CAF_CHECK_EQUAL(code_of(deflated.substr(0, 8), true), 1009);
  deflated = masked_frame(rsv1 | 2, std::string(1200, 'x'));
  CAF_CHECK_EQUAL(code_of(deflated, true), 0);
}

CAF_TEST(text is UTF-8 and broken text ends with 1007 as soon as it is there) {
  for (auto text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                    "\xe2\x82", "a\xf0\x9f\x98"})
    CAF_CHECK_EQUAL(code_of(masked_frame(1, text)), 1007);
  // The rest of the frame, or of the message, has not come.
  for (auto begin : {"abc\xff", "\xed\xa0", "\xe0\x9f", "\xf0\x8f", "\xf4\x90",
                     "\xf5", "\x80", "\xc1"}) {
    auto whole = masked_frame(1, begin + std::string(20, 'x'));
    CAF_CHECK_EQUAL(code_of(whole.substr(0, whole.size() - 20)), 1007);
    CAF_CHECK_EQUAL(code_of(masked_frame(1, begin, false)), 1007);
  }
  for (auto begin : {"\xe2\x82", "\xe2", "\xe0\xa0", "\xed\x9f", "\xf0\x90",
                     "\xf0\x90\x80", "\xf4\x8f", "\xc2"})
    CAF_CHECK_EQUAL(code_of(masked_frame(1, begin, false)), 0);
  // An empty last fragment does not make it whole.
  CAF_CHECK_EQUAL(
    code_of(masked_frame(1, "\xe2\x82", false) + masked_frame(0, "")), 1007);
}

CAF_TEST(whatever the pieces the same is read) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    std::mt19937 random{seed};
    auto pick = [&](size_t from, size_t to) {
      return std::uniform_int_distribution<size_t>{from, to}(random);
    };
    std::string bytes;
    auto is_open = false; // a message lacks fragments
    for (auto n = pick(1, 12); n > 0; --n) {
      static constexpr std::array texts{"",         "hello",    "\xe2\x82\xac",
                                        "\xf0\x9f", "\x98\x80", "\xff"};
      if (pick(0, 3) == 0) {
        bytes += masked_frame(static_cast<int>(pick(8, 10)), "control");
        continue;
      }
      auto is_last = pick(0, 2) > 0;
      auto opcode = is_open ? 0 : pick(0, 2) > 0 ? 1 : 2;
      if (pick(0, 30) == 0)
        opcode = static_cast<int>(pick(0, 15));
      if (pick(0, 10) == 0)
        opcode |= rsv1;
      bytes += masked_frame(opcode,
                            pick(0, 9) == 0 ? std::string(pick(0, 500), 'x')
                                            : texts[pick(0, texts.size() - 1)],
                            is_last);
      is_open = !is_last;
    }
    CAF_MESSAGE("seed " << seed);
    auto at_once = read(bytes, true);
    for (size_t most : {1u, 3u, 20u, 200u})
      CAF_CHECK(read(
                  bytes, [&] { return pick(1, most); }, true)
                == at_once);
  }
}

CAF_TEST(a buffer is not larger than what came asks for) {
  frame_reader reader;
  auto big = masked_frame(2, std::string(70000, 'x'));
  auto begin = big.substr(0, 100);
  std::span<char> input{begin};
  CAF_CHECK(reader.next(input, {70000, 70000, 16}) == found::nothing);
  CAF_CHECK_LESS(reader.held(), 200u);
  begin = big.substr(100);
  input = begin;
  CAF_CHECK(reader.next(input, {70000, 70000, 16}) == found::binary);
  reader.forget();
  CAF_CHECK_EQUAL(reader.held(), 0u);
}
