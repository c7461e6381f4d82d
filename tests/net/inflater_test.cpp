#define CAF_SUITE net.inflater

#include "net/wire/inflater.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/deflate.hpp"

#include <random>
#include <string>

using namespace troupe::net;
using namespace troupe::test;

using outcome = inflater::outcome;

namespace {

struct fixture {
  inflater with;

  /// Returns the message, or the error in brackets.
  std::string inflate(std::string_view message, size_t most = 1 << 20) {
    auto [how, bytes] = with.inflate(message, most);
    return how == outcome::broken    ? "[broken]"
           : how == outcome::too_big ? "[too big]"
                                     : std::string{bytes};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(inflater_tests, fixture)

CAF_TEST(C13 messages of zlib are read) {
  for (size_t size : {0u, 1u, 100u, 16383u, 16384u, 16385u, 100000u, 1u << 20})
    for (auto level : {0, 1, 9}) {
      std::string text(size, 'x');
      CAF_CHECK(inflate(compressed(text, level)) == text);
      with.release_memory();
    }
}

CAF_TEST(C13 an empty message may be nothing or an empty block) {
  CAF_CHECK_EQUAL(inflate(""), "");
  CAF_CHECK_EQUAL(inflate(std::string_view{"\0", 1}), "");
}

CAF_TEST(C13 a last block may say that it is the last) {
  auto text = std::string(1000, 'x');
  auto finished = compressed(text, 6, Z_FINISH);
  CAF_CHECK(inflate(finished) == text);
  CAF_CHECK(inflate(finished + '\0') == text); // RFC 7692 section 7.2.3.4
  CAF_CHECK(inflate(finished + finished) == text + text);
}

CAF_TEST(C10 the limit is that of the inflated message) {
  auto bomb = compressed(std::string(1 << 20, '\0'));
  CAF_CHECK_LESS(bomb.size(), 1200u);
  CAF_CHECK_EQUAL(inflate(bomb, 1 << 20).size(), size_t{1} << 20);
  CAF_CHECK_EQUAL(inflate(bomb, (1 << 20) - 1), "[too big]");
  CAF_CHECK_EQUAL(inflate(bomb, 1000), "[too big]");
  CAF_CHECK_EQUAL(inflate(compressed("x"), 1), "x");
  CAF_CHECK_EQUAL(inflate(compressed("xy"), 1), "[too big]");
}

CAF_TEST(C13 what is broken is told) {
  auto text = compressed("a text that is long enough to be cut somewhere");
  CAF_CHECK_EQUAL(inflate("\xff\xff\xff"), "[broken]");
  CAF_CHECK_EQUAL(inflate(text.substr(0, text.size() / 2)), "[broken]");
  CAF_CHECK_EQUAL(inflate(text + "\xff"), "[broken]");
  CAF_CHECK_EQUAL(inflate(text + text), "[broken]");
}

CAF_TEST(C13 any bytes give a message or an error) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    std::mt19937 random{seed};
    auto pick = [&](size_t to) {
      return std::uniform_int_distribution<size_t>{0, to}(random);
    };
    std::string text(pick(300), 'x');
    for (auto& x : text)
      x = static_cast<char>(pick(255));
    auto message = seed % 2 == 0 ? text : compressed(text + text);
    for (auto n = pick(3); n > 0 && !message.empty(); --n)
      message[pick(message.size() - 1)] = static_cast<char>(pick(255));
    auto [how, bytes] = with.inflate(message, 500);
    if (bytes.size() > 500 || (how != outcome::whole && !bytes.empty()))
      CAF_FAIL("seed " << seed);
    if (inflate(compressed(text)) != text)
      CAF_FAIL("seed " << seed << ": the message after that one");
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
