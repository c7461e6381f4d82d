#define CAF_SUITE net.deflater

#include "net/wire/deflater.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/deflate.hpp"

#include <random>
#include <string>

using namespace troupe::net;
using namespace troupe::test;

namespace {

std::string deflated(deflater& with, std::string_view payload, size_t room) {
  std::string result(room, '\0');
  result.resize(with.deflate(payload, result));
  return result;
}

} // namespace

CAF_TEST(C13 each message stands on its own) {
  deflater with{1};
  std::string text(1000, 'x');
  auto first = deflated(with, text, 2000);
  CAF_CHECK_LESS(first.size(), 30u);
  CAF_CHECK(first == deflated(with, text, 2000)); // no context taken over
  CAF_CHECK(decompressed(first) == text);
}

CAF_TEST(C13 no distance exceeds the window) {
  std::string noise; // which repeats after 2^14 bytes, and no sooner
  std::mt19937 random{1};
  for (auto i = 0; i < 1 << 14; ++i)
    noise += static_cast<char>(random());
  auto text = noise + noise;
  for (auto bits = 9; bits <= 15; ++bits) {
    deflater with{9, bits};
    auto message = deflated(with, text, text.size() + 1000);
    CAF_CHECK(decompressed(message, bits) == text);
    CAF_CHECK_EQUAL(message.size() < text.size() * 3 / 4, bits == 15);
    std::string easy(1000, 'x');
    CAF_CHECK(decompressed(deflated(with, easy, 2000), bits) == easy);
  }
}

CAF_TEST(C13 what does not fit is not compressed) {
  deflater with{1};
  CAF_CHECK_EQUAL(with.deflate("abc", {}), 0u);
  std::string text = "neither long nor with any repetition";
  CAF_CHECK_EQUAL(deflated(with, text, text.size()), "");
  auto size = deflated(with, text, 1000).size();
  CAF_CHECK_GREATER(size, 0u);
  // Includes the four bytes that are omitted, and one that zlib needs in
  // reserve.
  CAF_CHECK_EQUAL(deflated(with, text, size + 5).size(), size);
  CAF_CHECK_EQUAL(deflated(with, text, size + 4).size(), 0u);
}

CAF_TEST(C13 random messages come back from zlib) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random{seed};
    auto pick = [&](size_t to) {
      return std::uniform_int_distribution<size_t>{0, to}(random);
    };
    deflater with{static_cast<int>(1 + seed % 9)};
    for (auto i = 0; i < 20; ++i) {
      std::string text(pick(i % 5 == 0 ? 60000 : 500), '\0');
      auto letters = pick(255);
      for (auto& x : text)
        x = static_cast<char>(pick(letters));
      auto message = deflated(with, text, text.size() + 1000);
      if (decompressed(message) != text)
        CAF_FAIL("seed " << seed << ", message " << i);
    }
  }
}
