#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>
#include <string_view>

/// Messages compressed and decompressed by zlib (RFC 7692 section 7.2).
namespace troupe::test {

inline std::string compressed(std::string_view payload, int level = 6,
                              int flush = Z_SYNC_FLUSH) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY)
      != Z_OK)
    throw std::runtime_error("deflateInit2");
  std::string result(deflateBound(&stream, payload.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(payload.data()));
  stream.avail_in = static_cast<uInt>(payload.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, flush);
  result.resize(result.size() - stream.avail_out);
  deflateEnd(&stream);
  if (flush == Z_SYNC_FLUSH)
    result.resize(result.size() - 4);
  return result;
}

/// Throws if `message` refers to bytes outside of a window of 2^bits bytes.
inline std::string decompressed(std::string message, int bits = 15) {
  message += std::string_view{"\0\0\xff\xff", 4};
  z_stream stream{};
  if (inflateInit2(&stream, -bits) != Z_OK)
    throw std::runtime_error("inflateInit2");
  stream.next_in = reinterpret_cast<Bytef*>(message.data());
  stream.avail_in = static_cast<uInt>(message.size());
  std::string result;
  for (auto code = Z_OK; code == Z_OK;) {
    char block[4096];
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof(block);
    code = inflate(&stream, Z_SYNC_FLUSH);
    if (code != Z_OK && code != Z_BUF_ERROR)
      throw std::runtime_error("no compressed message");
    result.append(block, sizeof(block) - stream.avail_out);
  }
  inflateEnd(&stream);
  return result;
}

} // namespace troupe::test
