#include "net/wire/deflater.hpp"

#include <new>

namespace troupe::net {

namespace {

constexpr int memory_level = 8; ///< zlib's default.

/// Size of the bytes at the end of a flush, which are removed from each
/// message.
constexpr size_t tail_size = 4;

} // namespace

deflater::deflater(int level, int window_bits) : level_{level} {
  if (deflateInit2(&stream_, level, Z_DEFLATED, raw_window(window_bits),
                   memory_level, Z_DEFAULT_STRATEGY)
      != Z_OK)
    throw std::bad_alloc{};
}

deflater::~deflater() {
  deflateEnd(&stream_);
}

size_t deflater::deflate(std::string_view payload, std::span<char> out) {
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(payload.data()));
  stream_.avail_in = static_cast<uInt>(payload.size());
  stream_.next_out = reinterpret_cast<Bytef*>(out.data());
  stream_.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream_, Z_SYNC_FLUSH);
  // If no room is left, the output may be incomplete.
  auto size = stream_.avail_out == 0 ? 0 : out.size() - stream_.avail_out;
  deflateReset(&stream_);
  return size > tail_size ? size - tail_size : 0;
}

} // namespace troupe::net
