#include "net/ws/deflate_cache.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace troupe::net {

namespace {

/// Limits the results kept during a long turn, in bytes.
constexpr size_t max_remembered = 16 * 1024 * 1024;

/// Maximum capacity of a buffer kept between turns.
constexpr size_t max_idle_room = 64 * 1024;

constexpr size_t max_header_size = 10;

constexpr uint8_t rsv1 = 0x40; ///< The message is compressed.

slice copy(std::string_view bytes, uint32_t messages) {
  auto block = std::make_shared_for_overwrite<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), block.get());
  std::string_view view{block.get(), bytes.size()};
  return {std::move(block), view, messages};
}

void shrink(std::string& room) {
  if (room.capacity() > max_idle_room)
    std::string{}.swap(room);
}

} // namespace

deflate_cache& deflate_cache::of_thread() {
  thread_local deflate_cache result;
  return result;
}

slice deflate_cache::deflate(slice frames, const deflate_rules& rules,
                             int window_bits, worker& event_loop) {
  if (frames.bytes.size() <= rules.threshold)
    return frames;
  obey(rules, window_bits);
  event_loop.flush_at_turn_end(*this);
  if (auto* known = find(frames.bytes))
    return *known;
  auto result = frames.messages == 1 ? deflate_one(frames)
                                     : deflate_block(frames);
  remember(frames, frames.bytes, result);
  return result;
}

void deflate_cache::flush() {
  done_.clear();
  remembered_ = 0;
  shrink(frame_);
  shrink(block_);
}

void deflate_cache::obey(const deflate_rules& rules, int window_bits) {
  window_bits_ = window_bits;
  if (rules_ == rules)
    return;
  rules_ = rules;
  done_.clear();
}

const slice* deflate_cache::find(std::string_view frames) const {
  auto i = done_.find({frames.data(), frames.size(), window_bits_});
  return i == done_.end() ? nullptr : &i->second.frames;
}

slice deflate_cache::deflate_one(const slice& frames) {
  auto smaller = compress(base::first_frame(frames.bytes));
  return smaller.empty() ? frames : copy(smaller, 1);
}

/// Compresses each frame separately, since the frame may also occur in other
/// blocks that omit some of its neighbors.
slice deflate_cache::deflate_block(const slice& frames) {
  struct piece {
    std::string_view source;
    size_t begin;
    size_t size;
  };
  std::vector<piece> made;
  block_.clear();
  for (auto rest = frames.bytes; !rest.empty();) {
    auto x = base::first_frame(rest);
    rest.remove_prefix(x.bytes.size());
    auto bytes = x.bytes;
    if (auto* known = find(x.bytes)) {
      bytes = known->bytes;
    } else if (x.payload.size() >= rules_.threshold) {
      if (auto smaller = compress(x); !smaller.empty())
        bytes = smaller;
      made.push_back({x.bytes, block_.size(), bytes.size()});
    }
    block_ += bytes;
  }
  auto result = copy(block_, frames.messages);
  for (const auto& x : made)
    remember(frames, x.source,
             {result.owner, result.bytes.substr(x.begin, x.size), 1});
  return result;
}

/// @returns the compressed frame, valid until the next call; empty if it would
///          not be smaller.
std::string_view deflate_cache::compress(base::frame_view x) {
  if (x.payload.size() < rules_.threshold)
    return {};
  // The result must be smaller than the payload; zlib also writes four bytes
  // that are removed from the message.
  auto room = x.payload.size() + 4;
  if (frame_.size() < max_header_size + room)
    frame_.resize(max_header_size + room);
  auto* out = frame_.data() + max_header_size;
  auto& with = deflaters_
                 .try_emplace({rules_.level, window_bits_}, rules_.level,
                              window_bits_)
                 .first->second;
  auto size = with.deflate(x.payload, std::span{out, room});
  ++deflations_;
  if (size == 0)
    return {};
  auto* begin = out - base::header_size(size);
  base::write_header(begin, static_cast<uint8_t>(x.bytes.front()) | rsv1, size);
  return {begin, base::header_size(size) + size};
}

void deflate_cache::remember(const slice& source, std::string_view bytes,
                             slice result) {
  remembered_ += bytes.size() + result.bytes.size();
  if (remembered_ > max_remembered) {
    done_.clear();
    remembered_ = bytes.size() + result.bytes.size();
  }
  done_.insert_or_assign(key{bytes.data(), bytes.size(), window_bits_},
                         entry{source.owner, std::move(result)});
}

} // namespace troupe::net
