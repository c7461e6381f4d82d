#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace troupe::net {

/// Bounds the memory of all request bodies that a port holds. Thread-safe; must
/// outlive its shares.
class body_budget {
public:
  /// The part of one body, until its destruction. Not thread-safe.
  class share {
  public:
    explicit share(body_budget& all) noexcept : all_{&all} {
    }

    share(share&& other) noexcept
      : all_{other.all_},
        size_{std::exchange(other.size_, 0)} {
    }

    share& operator=(share&&) = delete;

    ~share() {
      all_->used_ -= size_;
    }

    /// Takes further bytes.
    /// @returns false if there are too few.
    bool grow(size_t bytes) noexcept {
      if (all_->used_.fetch_add(bytes) + bytes > all_->most_) {
        all_->used_ -= bytes;
        return false;
      }
      size_ += bytes;
      return true;
    }

  private:
    body_budget* all_;
    size_t size_ = 0;
  };

  /// @param most  maximum number of bytes, at most half of what a `size_t` can
  ///              count.
  explicit body_budget(size_t most) noexcept : most_{most} {
  }

private:
  const size_t most_;
  std::atomic<size_t> used_ = 0;
};

} // namespace troupe::net
