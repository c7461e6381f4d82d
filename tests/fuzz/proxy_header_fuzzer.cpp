// Passes hostile bytes to the parser of the PROXY protocol. A header is read
// from its own bytes only: what follows it changes nothing, and each beginning
// of it is incomplete.

#include "net/wire/proxy_header.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace troupe::net;

namespace {

using state = proxy_header::state;

/// Aborts the process, which the fuzzer reports as a failure.
void require(bool condition) {
  if (!condition)
    std::abort();
}

bool is_same(const proxy_header& x, const proxy_header& y) {
  return x.how == y.how && x.size == y.size && x.client == y.client;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto result = parse_proxy_header(bytes);
  require(result.how != state::incomplete || size < proxy_header::max_size);
  require((result.how == state::complete) == (result.size > 0));
  if (result.how != state::complete)
    return 0;
  require(result.size <= std::min(size, proxy_header::max_size));
  auto whole = std::string{bytes.substr(0, result.size)};
  require(is_same(parse_proxy_header(whole), result));
  require(is_same(parse_proxy_header(whole + "\r\n"), result));
  for (size_t i = 0; i < whole.size(); ++i)
    require(parse_proxy_header({whole.data(), i}).how == state::incomplete);
  return 0;
}
