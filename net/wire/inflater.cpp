#include "net/wire/inflater.hpp"

#include "net/wire/raw_window.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace troupe::net {

namespace {

/// Bytes that the sender removes from the end of each message.
constexpr std::string_view tail{"\x00\x00\xff\xff", 4};

} // namespace

inflater::inflater() {
  if (inflateInit2(&stream_, raw_window()) != Z_OK)
    throw std::bad_alloc{};
}

inflater::~inflater() {
  inflateEnd(&stream_);
}

inflater& inflater::of_thread() {
  thread_local inflater result;
  return result;
}

inflater::result inflater::inflate(std::string_view message, size_t most) {
  inflateReset(&stream_);
  size_ = 0;
  too_big_ = false;
  ended_ = false;
  auto whole = message.empty() // accepted, as by other servers
               || (feed(message, most)
                   && (ended_ || (feed(tail, most) && is_between_blocks())));
  if (too_big_)
    return {outcome::too_big, {}};
  if (!whole)
    return {outcome::broken, {}};
  return {outcome::whole, {output_.get(), size_}};
}

void inflater::release_memory() {
  if (capacity_ > small) {
    output_.reset();
    capacity_ = 0;
  }
}

/// Inflates `bytes`.
/// @returns false if the data is invalid or the result exceeds `most`.
bool inflater::feed(std::string_view bytes, size_t most) {
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_.avail_in = static_cast<uInt>(bytes.size());
  for (;;) {
    auto room = make_room(most);
    stream_.next_out = reinterpret_cast<Bytef*>(output_.get() + size_);
    stream_.avail_out = static_cast<uInt>(room);
    auto code = ::inflate(&stream_, Z_SYNC_FLUSH);
    size_ += room - stream_.avail_out;
    too_big_ = size_ > most;
    if (too_big_)
      return false;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
      return false;
    ended_ = code == Z_STREAM_END;
    if (ended_ && stream_.avail_in > 0)
      inflateReset(&stream_); // RFC 7692 section 7.2.3.4: another one follows
    else if (stream_.avail_out > 0)
      return true;
  }
}

/// Doubles the output buffer when it is full, since the size of the result is
/// unknown. Allows `most` + 1 bytes, so that exceeding `most` can be detected.
/// @returns the number of bytes that may be written.
size_t inflater::make_room(size_t most) {
  if (size_ == capacity_) {
    auto capacity = std::min(std::max(small, 2 * capacity_), most + 1);
    auto bigger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0)
      std::memcpy(bigger.get(), output_.get(), size_);
    output_ = std::move(bigger);
    capacity_ = capacity;
  }
  return std::min(capacity_, most + 1) - size_;
}

bool inflater::is_between_blocks() const noexcept {
  return (stream_.data_type & 128) != 0;
}

} // namespace troupe::net
