#pragma once

#include "net/wire/raw_window.hpp"

#include <zlib.h>

#include <cstddef>
#include <span>
#include <string_view>

namespace troupe::net {

/// Compresses messages independently, for any number of receivers (RFC 7692
/// section 7.2.1 without context takeover). Takes 130 to 256 KiB: use one per
/// thread.
class deflater {
public:
  /// @param level from 1 (fastest) to 9 (smallest).
  /// @param window_bits size of the window as a power of two, 9 to 15.
  explicit deflater(int level, int window_bits = max_window_bits);
  ~deflater();
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  int level() const noexcept {
    return level_;
  }

  /// Compresses `payload` into `out`.
  /// @returns the size of the result; 0 if it does not fit.
  size_t deflate(std::string_view payload, std::span<char> out);

private:
  z_stream stream_{};
  int level_;
};

} // namespace troupe::net
