#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace troupe::actors {

/// The tickets of the messages of one sender, numbered from 1, and which of
/// them are not confirmed yet. A confirmation of a ticket that was never
/// issued, or that is confirmed already, is ignored.
class tickets {
public:
  uint64_t issue() {
    is_open_.push_back(true);
    ++open_;
    return base_ + is_open_.size();
  }

  /// Notes that the tickets from `first` to `last` are confirmed.
  void close(uint64_t first, uint64_t last) {
    auto end = base_ + is_open_.size();
    for (auto i = first > base_ ? first : base_ + 1; i <= last && i <= end; ++i)
      if (auto& x = is_open_[i - base_ - 1]; x) {
        x = false;
        --open_;
      }
    for (; !is_open_.empty() && !is_open_.front(); ++base_)
      is_open_.pop_front();
  }

  void close_all() {
    base_ += is_open_.size();
    is_open_.clear();
    open_ = 0;
  }

  /// Returns the number of tickets that are not confirmed.
  size_t open() const noexcept {
    return open_;
  }

private:
  uint64_t base_ = 0;        ///< All tickets up to this one are confirmed.
  std::deque<bool> is_open_; ///< The tickets after `base_`.
  size_t open_ = 0;
};

} // namespace troupe::actors
