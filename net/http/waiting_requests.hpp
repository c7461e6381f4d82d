#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace troupe::net {

/// Counts the requests that wait for the program. Thread-safe.
class waiting_requests {
public:
  /// A counted request, until its destruction.
  class slot {
  public:
    explicit slot(std::atomic<size_t>& count) : count_{&count} {
    }

    slot(slot&& other) noexcept : count_{std::exchange(other.count_, nullptr)} {
    }

    slot& operator=(slot&& other) noexcept {
      std::swap(count_, other.count_);
      return *this;
    }

    ~slot() {
      if (count_ != nullptr)
        --*count_;
    }

  private:
    std::atomic<size_t>* count_;
  };

  /// Counts a request.
  /// @returns nothing if `most` requests wait already.
  std::optional<slot> enter(size_t most) {
    if (count_.fetch_add(1) < most)
      return std::optional<slot>{std::in_place, count_};
    --count_;
    return std::nullopt;
  }

private:
  std::atomic<size_t> count_ = 0;
};

} // namespace troupe::net
