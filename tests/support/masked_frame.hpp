#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::test {

/// Returns a frame as a client sends it, masked.
inline std::string masked_frame(int opcode, std::string_view payload,
                                bool fin = true) {
  constexpr std::array<char, 4> mask{'\x12', '\x34', '\x56', '\x78'};
  std::string result;
  result += static_cast<char>((fin ? 0x80 : 0) | opcode);
  auto size = payload.size();
  auto bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  result += static_cast<char>(0x80
                              | (bytes == 0   ? static_cast<int>(size)
                                 : bytes == 2 ? 126
                                              : 127));
  for (auto i = bytes - 1; i >= 0; --i)
    result += static_cast<char>(size >> (8 * i) & 255);
  result.append(mask.data(), mask.size());
  for (size_t i = 0; i < size; ++i)
    result += static_cast<char>(payload[i] ^ mask[i % 4]);
  return result;
}

} // namespace troupe::test
