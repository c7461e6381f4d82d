// Passes hostile lists of extensions to the negotiation of compression. What is
// accepted must be a list, the response a valid offer with the same terms, and
// what is compressed on these terms readable.

#include "net/wire/deflate_offer.hpp"
#include "net/wire/deflater.hpp"
#include "net/wire/inflater.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace troupe::net;

namespace {

/// Aborts the process, which the fuzzer reports as a failure.
void require(bool condition) {
  if (!condition)
    std::abort();
}

/// Compresses `text` with a window of 2^bits bytes and reads it again.
void check_round_trip(std::string_view text, int bits) {
  deflater with{1, bits};
  std::string message(2 * text.size() + 64, '\0');
  message.resize(with.deflate(text, message));
  auto [how, bytes] = inflater::of_thread().inflate(message, text.size());
  require(how == inflater::outcome::whole && bytes == text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  auto terms = accept_deflate(input);
  auto is_list = is_extension_list(input);
  require(is_list == is_extension_list(std::string{input} + ','));
  if (!terms)
    return 0;
  require(terms->window_bits >= 9 && terms->window_bits <= 15);
  require(terms->is_window_asked_for || terms->window_bits == 15);
  require(accept_deflate(terms->answer()) == terms);
  check_round_trip(input, terms->window_bits);
  return 0;
}
