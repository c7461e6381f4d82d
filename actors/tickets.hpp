#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace troupe::actors {

/// Numbers what one sender wants to be confirmed, from 1, and knows which of it
/// is not yet. A number that was never issued, or is confirmed already, is
/// ignored, wherever it comes from.
class tickets {
public:
  uint64_t issue() {
    is_open_.push_back(true);
    ++open_;
    return base_ + is_open_.size();
  }

  /// The tickets from `first` to `last` are confirmed.
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

  /// How many are not confirmed.
  size_t open() const noexcept {
    return open_;
  }

private:
  uint64_t base_ = 0;        ///< This one and all before it are confirmed.
  std::deque<bool> is_open_; ///< Those after it.
  size_t open_ = 0;
};

} // namespace troupe::actors
