#include "net/io/send_queue.hpp"

#include "base/frame_header.hpp"

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

namespace troupe::net {

namespace {

/// Queues up to this length are cheap to scan for each message.
constexpr size_t short_queue = 128;

/// Returns the name of the event in `payload`, in version 2 with its room;
/// empty if it is not an event.
std::string_view event_in(std::string_view payload, std::string_view prefix) {
  auto is_version_2 = prefix.empty();
  if (!payload.starts_with(is_version_2 ? "e" : prefix))
    return {};
  payload.remove_prefix(is_version_2 ? 1 : prefix.size());
  auto end = payload.find(';');
  if (is_version_2 && end != payload.npos)
    end = payload.find(';', end + 1);
  return end == payload.npos ? std::string_view{} : payload.substr(0, end);
}

/// A queued frame and the index of its slice.
struct waiting_frame {
  size_t slice;
  base::frame_view frame;
  bool is_data;
};

} // namespace

// -- adding -------------------------------------------------------------------

losses send_queue::push(slice frames, const queue_bounds& most) {
  losses lost;
  if (most.policy == overflow::drop_newest) {
    auto all = frames.messages;
    if (all > 0)
      frames = cut_to_room(std::move(frames), most);
    lost.dropped = all - frames.messages;
    if (!frames.bytes.empty())
      push(std::move(frames));
    return lost;
  }
  push(std::move(frames));
  isolate_front();
  if (most.policy == overflow::conflate && should_conflate())
    lost.conflated = conflate(most.event_prefix);
  lost.dropped = drop_oldest(most);
  return lost;
}

/// Returns the first messages of `frames`, as many as fit.
slice send_queue::cut_to_room(slice frames, const queue_bounds& most) const {
  size_t size = 0;
  uint32_t count = 0;
  while (count < frames.messages) {
    auto next = size
                + base::first_frame(frames.bytes.substr(size)).bytes.size();
    if (!has_room_for({nullptr, frames.bytes.substr(0, next), count + 1}, most)
        && !(empty() && count == 0))
      break;
    size = next;
    ++count;
  }
  return {std::move(frames.owner), frames.bytes.substr(0, size), count};
}

// -- sending ------------------------------------------------------------------

void send_queue::sent(size_t size) {
  bytes_ -= size;
  front_sent_ += size;
  drop_sent_slices();
  trim_front();
}

void send_queue::drop_sent_slices() {
  while (front_ < slices_.size()
         && front_sent_ >= slices_[front_].bytes.size()) {
    auto x = std::exchange(slices_[front_++], {});
    front_sent_ -= x.bytes.size();
    messages_ -= x.messages;
    hollow_ -= x.bytes.empty() ? 1 : 0;
  }
  if (front_ == slices_.size()) {
    slices_.clear();
    front_ = 0;
    oldest_ = 0;
  } else if (front_ > 64 && front_ > slices_.size() / 2) {
    slices_.erase(slices_.begin(),
                  slices_.begin() + static_cast<ptrdiff_t>(front_));
    oldest_ -= std::min(oldest_, front_);
    front_ = 0;
  }
}

/// Removes completely sent frames from a slice that was sent in part.
void send_queue::trim_front() {
  if (front_sent_ == 0 || slices_[front_].messages <= 1)
    return;
  auto& x = slices_[front_];
  for (;;) {
    auto size = base::first_frame(x.bytes).bytes.size();
    if (front_sent_ < size)
      return;
    x.bytes.remove_prefix(size);
    --x.messages;
    --messages_;
    front_sent_ -= size;
  }
}

// -- dropping -----------------------------------------------------------------

void send_queue::drop_waiting() {
  isolate_front();
  while (waiting() > 0)
    drop_first();
}

void send_queue::clear() noexcept {
  slices_.clear();
  front_ = 0;
  front_sent_ = 0;
  bytes_ = 0;
  messages_ = 0;
  oldest_ = 0;
  hollow_ = 0;
}

void send_queue::release_memory() {
  if (!slices_.empty() || slices_.capacity() <= inline_slices)
    return;
  // a small_vector never returns to its inline storage
  std::destroy_at(&slices_);
  std::construct_at(&slices_);
}

/// Moves a frame that was sent in part into a separate slice.
void send_queue::isolate_front() {
  if (front_sent_ == 0 || slices_[front_].messages <= 1)
    return;
  auto rest = slices_[front_];
  auto& head = slices_[front_];
  head.bytes = base::first_frame(head.bytes).bytes;
  head.messages = 1;
  rest.bytes.remove_prefix(head.bytes.size());
  --rest.messages;
  slices_.insert(slices_.begin() + static_cast<ptrdiff_t>(front_ + 1),
                 std::move(rest));
  oldest_ = front_;
}

/// Returns the number of messages that can be dropped.
/// @pre `isolate_front` was called.
size_t send_queue::waiting() const noexcept {
  return messages_ - (front_sent_ > 0 ? slices_[front_].messages : 0);
}

/// Drops the oldest message.
/// @pre `waiting() > 0`.
void send_queue::drop_first() {
  oldest_ = std::max(oldest_, front_);
  while (slices_[oldest_].messages == 0 || is_under_way(oldest_))
    ++oldest_;
  auto& x = slices_[oldest_];
  auto size = base::first_frame(x.bytes).bytes.size();
  x.bytes.remove_prefix(size);
  --x.messages;
  bytes_ -= size;
  --messages_;
  if (x.messages > 0)
    return;
  x = {};
  ++hollow_;
  drop_sent_slices();
  if (hollow_ > 64 && hollow_ > parts() / 2)
    drop_hollow();
}

/// Removes emptied slices, which would otherwise accumulate behind a frame that
/// is kept.
void send_queue::drop_hollow() {
  auto is_hollow = [](const slice& x) { return x.bytes.empty(); };
  auto begin = slices_.begin() + static_cast<ptrdiff_t>(front_);
  slices_.erase(std::remove_if(begin, slices_.end(), is_hollow), slices_.end());
  hollow_ = 0;
  oldest_ = front_;
}

uint64_t send_queue::drop_oldest(const queue_bounds& most) {
  uint64_t count = 0;
  for (; exceeds(most.bytes, most.messages) && waiting() > 1; ++count)
    drop_first();
  return count;
}

// -- conflating ---------------------------------------------------------------

/// Scanning a long queue for each message would cost too much.
bool send_queue::should_conflate() const noexcept {
  return messages_ <= short_queue || 4 * unchecked_ >= messages_;
}

/// Keeps only the newest message of each event, in its place.
uint64_t send_queue::conflate(std::string_view prefix) {
  std::vector<waiting_frame> frames;
  auto kept_at_front = is_under_way(front_) ? 1u : 0u;
  for (auto i = front_ + kept_at_front; i < slices_.size(); ++i) {
    auto rest = slices_[i].bytes;
    if (slices_[i].messages == 0)
      frames.push_back({i, {std::exchange(rest, {}), {}}, false});
    while (!rest.empty()) {
      frames.push_back({i, base::first_frame(rest), true});
      rest.remove_prefix(frames.back().frame.bytes.size());
    }
  }
  uint64_t count = 0;
  std::unordered_set<std::string_view> seen;
  for (auto i = frames.rbegin(); i != frames.rend(); ++i)
    if (auto event = event_in(i->frame.payload, prefix);
        i->is_data && !event.empty() && !seen.insert(event).second) {
      bytes_ -= i->frame.bytes.size();
      --messages_;
      ++count;
      i->frame.bytes = {};
    }
  slices kept{slices_.begin() + static_cast<ptrdiff_t>(front_),
              slices_.begin() + static_cast<ptrdiff_t>(front_ + kept_at_front)};
  for (const auto& x : frames)
    if (!x.frame.bytes.empty())
      kept.push_back({slices_[x.slice].owner, x.frame.bytes, x.is_data});
  slices_ = std::move(kept);
  front_ = 0;
  oldest_ = 0;
  hollow_ = 0;
  unchecked_ = 0;
  return count;
}

} // namespace troupe::net
