#include "actors/cluster/flow_window.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

using namespace std::chrono_literals;

/// For how long the shortest round trip counts as that of an empty path.
constexpr auto is_good_for = 10s;

} // namespace

flow_window::flow_window(size_t least, size_t most) noexcept
  : least_(least),
    most_(most),
    size_(least) {
}

void flow_window::set_bounds(size_t least, size_t most) noexcept {
  // A window that has not grown yet stays at the minimum.
  size_ = size_ == least_ ? least : std::clamp(size_, least, most);
  least_ = least;
  most_ = most;
}

void flow_window::sent(size_t bytes, time_point now) noexcept {
  if (round_.is_over) {
    // The rate during a probe is limited by the small window.
    if (!is_probing_)
      resize();
    is_probing_ = size_ > least_
                  && round_.acknowledged - shortest_seen_ >= is_good_for;
    begin_round(bytes, now);
  }
  sent_ += bytes;
  round_.was_full |= !is_open();
}

void flow_window::done(size_t bytes, time_point now) noexcept {
  done_ += bytes;
  if (done_ < round_.end)
    return;
  if (!std::exchange(round_.is_over, true))
    note_trip(now);
  round_.acknowledged = now;
}

void flow_window::begin_round(size_t bytes, time_point now) noexcept {
  round_ = {.began = now,
            .acknowledged = now,
            .end = sent_ + bytes,
            .done = done_,
            .is_over = false,
            .was_small = under_way() < least_};
}

void flow_window::note_trip(time_point now) noexcept {
  auto trip = now - round_.began;
  auto is_old = now - shortest_seen_ >= is_good_for;
  if (trip > shortest_ && !(is_old && round_.was_small))
    return;
  shortest_ = trip;
  shortest_seen_ = now;
}

void flow_window::resize() noexcept {
  auto time = std::max(round_.acknowledged - round_.began, duration{1});
  auto rate = static_cast<double>(done_ - round_.done)
              / static_cast<double>(time.count());
  auto target = static_cast<size_t>(
    std::clamp(2 * rate * static_cast<double>(shortest_.count()),
               static_cast<double>(least_), static_cast<double>(most_)));
  if (target >= size_ || round_.was_full)
    size_ = target;
  else // The rate was limited by the sender, which may send more next time.
    size_ -= (size_ - target) / 8;
}

} // namespace troupe::actors
