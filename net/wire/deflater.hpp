#pragma once

#include <zlib.h>

#include <cstddef>
#include <span>
#include <string_view>

namespace troupe::net {

/// Compresses messages for any number of receivers, each on its own (RFC 7692
/// section 7.2.1 without context takeover). Holds 256 KiB: one per thread.
class deflater {
public:
  /// @param level 1, fast, to 9, small.
  explicit deflater(int level);
  ~deflater();
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  int level() const noexcept {
    return level_;
  }

  /// Compresses `payload` into `out`.
  /// @returns the size; 0 if it does not fit.
  size_t deflate(std::string_view payload, std::span<char> out);

private:
  z_stream stream_{};
  int level_;
};

} // namespace troupe::net
