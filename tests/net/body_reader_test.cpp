#define CAF_SUITE net.body_reader

#include "net/http/body_reader.hpp"

#include "caf/test/dsl.hpp"

#include <limits>
#include <string>
#include <string_view>

using namespace troupe::net;

namespace {

constexpr size_t max_size = 10;

fair_budget::share share_of(fair_budget& all) {
  return {all, address_key::none};
}

struct fixture {
  /// Reads `bytes`, as far as they belong to the body.
  body_reader read(std::string_view bytes, std::optional<uint64_t> size = {}) {
    body_reader result{size, max_size, share_of(memory)};
    used = result.consume(bytes);
    return result;
  }

  body_state chunked(std::string_view bytes) {
    return read(bytes).state();
  }

  fair_budget memory{1000, 1000};
  size_t used = 0; ///< Bytes consumed by the last `read`.
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(body_reader_tests, fixture)

CAF_TEST(a body has the size of its Content Length) {
  auto x = read("hello, next", 5);
  CAF_CHECK(x.state() == body_state::complete);
  CAF_CHECK_EQUAL(used, 5u);
  CAF_CHECK_EQUAL(x.take(), "hello");
  CAF_CHECK(read("hell", 5).state() == body_state::incomplete);
  CAF_CHECK(read("next", 0).state() == body_state::complete);
  CAF_CHECK_EQUAL(used, 0u);
}

CAF_TEST(a body that is too large is known by its length) {
  CAF_CHECK(read("", max_size).state() == body_state::incomplete);
  CAF_CHECK(read("", max_size + 1).state() == body_state::too_large);
  CAF_CHECK(read("", std::numeric_limits<uint64_t>::max()).state()
            == body_state::too_large);
}

CAF_TEST(chunks are joined however they are cut) {
  constexpr std::string_view bytes
    = "5\r\nhello\r\n002;a=\"b;c\"\r\n, \r\n1 ;x\r\n!\r\n0\r\nA: b\r\n\r\n";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    body_reader x{std::nullopt, max_size, share_of(memory)};
    auto first = x.consume(bytes.substr(0, cut));
    CAF_CHECK_LESS_OR_EQUAL(first, cut);
    auto rest = std::string{bytes.substr(first)} + "GET /";
    CAF_CHECK_EQUAL(first + x.consume(rest), bytes.size());
    CAF_CHECK(x.state() == body_state::complete);
    CAF_CHECK_EQUAL(x.take(), "hello, !");
  }
}

CAF_TEST(the chunk beyond the limit is refused by its size) {
  CAF_CHECK(chunked("a\r\n") == body_state::incomplete);
  CAF_CHECK(chunked("A\r\n0123456789\r\n") == body_state::incomplete);
  CAF_CHECK(chunked("b\r\n") == body_state::too_large);
  CAF_CHECK(chunked("a\r\n0123456789\r\n1\r\n") == body_state::too_large);
  CAF_CHECK(chunked("ffffffffffffffff\r\n") == body_state::too_large);
  CAF_CHECK(chunked("5\r\nhello\r\nfffffffffffffffe\r\n")
            == body_state::too_large);
}

CAF_TEST(malformed chunks are errors) {
  using namespace std::string_view_literals;
  for (auto bytes : {
         "\r\n"sv,
         "x\r\n"sv,
         "-1\r\n"sv,
         "+1\r\n"sv,
         " 1\r\n"sv,
         "1 \r\n"sv,
         "0x1\r\n"sv,
         "1x\r\n"sv,
         "1,\r\n"sv,
         ";a\r\n"sv,
         "10000000000000000\r\n"sv,
         "00000000000000001\r\n"sv,
         "1\nx\r\n0\r\n\r\n"sv,
         "1;a\rb\r\n"sv,
         "1;a\nb\r\n"sv,
         "1;\0\r\n"sv,
         "1\r\nxx"sv,
         "1\r\nx\n"sv,
         "1\r\nx0\r\n"sv,
         "0\r\nA\r\n"sv,
         "0\r\n: b\r\n"sv,
         "0\r\nA : b\r\n"sv,
         "0\r\n A: b\r\n"sv,
         "0\r\nA: \1\r\n"sv,
       })
    CAF_CHECK(chunked(bytes) == body_state::malformed);
}

CAF_TEST(extensions and trailer fields are limited) {
  auto extension = ";" + std::string(3000, 'x');
  auto field = "A: " + std::string(3000, 'x') + "\r\n";
  CAF_CHECK(chunked("1" + extension + "\r\n") == body_state::incomplete);
  CAF_CHECK(chunked("1" + extension + extension) == body_state::malformed);
  std::string three;
  for (auto i = 0; i < 3; ++i)
    three += "1" + extension + "\r\nx\r\n";
  CAF_CHECK(chunked(three) == body_state::malformed);
  CAF_CHECK(chunked("0\r\n" + field + "\r\n") == body_state::complete);
  CAF_CHECK(chunked("0\r\n" + field + field + field) == body_state::malformed);
  CAF_CHECK(chunked("0\r\n" + std::string(5000, 'x')) == body_state::malformed);
}

CAF_TEST(bodies share a budget) {
  fair_budget small{8, 8};
  body_reader first{5, max_size, share_of(small)};
  {
    body_reader second{5, max_size, share_of(small)};
    first.consume("hello");
    second.consume("abcd");
    CAF_CHECK(second.state() == body_state::no_memory);
  }
  CAF_CHECK_EQUAL(first.take(), "hello"); // still counts
  body_reader third{4, max_size, share_of(small)};
  third.consume("abcd");
  CAF_CHECK(third.state() == body_state::no_memory);
  body_reader fourth{3, max_size, share_of(small)};
  fourth.consume("abc");
  CAF_CHECK(fourth.state() == body_state::complete);
}

CAF_TEST(an address gets a part of the budget) {
  fair_budget small{32, 8};
  auto read = [&](std::string_view bytes, uint64_t from) {
    fair_budget::share part{small, address_key{from}};
    body_reader result{bytes.size() + 1, max_size, std::move(part)};
    result.consume(bytes);
    return result;
  };
  auto first = read("hello", 1);
  CAF_CHECK(read("abcd", 1).state() == body_state::no_memory);
  auto second = read("abc", 1);
  CAF_CHECK(second.state() == body_state::incomplete);
  CAF_CHECK(read("abcd", 2).state() == body_state::incomplete);
}

CAF_TEST_FIXTURE_SCOPE_END()
