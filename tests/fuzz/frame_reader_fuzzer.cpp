// Passes hostile bytes to the frame reader. The result must not depend on how
// the bytes are split, text must be UTF-8, and memory is limited by the input
// size.

#include "net/wire/frame_reader.hpp"
#include "troupe/frame.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace troupe;
using namespace troupe::net;

namespace {

using found = frame_reader::found;

constexpr frame_reader::limits limits{4096, 5000, 64};

/// Aborts the process, which the fuzzer reports as a failure.
void require(bool condition) {
  if (!condition)
    std::abort();
}

struct thing {
  found what;
  std::string bytes;

  friend bool operator==(const thing&, const thing&) = default;
};

void check(const thing& x) {
  if (x.what == found::text)
    require(is_utf8(x.bytes));
  if (x.what == found::text || x.what == found::binary)
    require(x.bytes.size() <= limits.message);
  else
    require(x.bytes.size() <= limits.deflated);
}

/// Reads all of `bytes` in pieces of `step` bytes.
std::vector<thing> read(std::string bytes, size_t step, bool deflates) {
  std::vector<thing> result;
  frame_reader reader;
  if (deflates)
    reader.expect_deflate();
  for (size_t i = 0; i < bytes.size(); i += step) {
    auto size = std::min(step, bytes.size() - i);
    std::span<char> input{bytes.data() + i, size};
    for (;;) {
      auto what = reader.next(input, limits);
      if (what == found::nothing)
        break;
      if (what == found::failure) {
        require(!reader.why().what.empty());
        result.push_back({what, std::string{reader.why().what}});
        return result;
      }
      result.push_back({what, std::string{reader.payload()}});
      check(result.back());
      reader.forget();
    }
    require(input.empty());
    require(reader.held() <= 4 * (i + size) + 4 * limits.step + 125);
  }
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0)
    return 0;
  auto deflates = (data[0] & 1) != 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto at_once = read(bytes, bytes.size() + 1, deflates);
  for (size_t step : {1u, 2u, 7u, 64u})
    require(read(bytes, step, deflates) == at_once);
  return 0;
}
