#pragma once

#include "troupe/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace troupe::actors {

/// Messages of a client that wait to be sent, oldest first.
class client_queue {
public:
  struct item {
    frame message;
    uint64_t request = 0; ///< The id of the request in it; 0 for none.
    uint64_t socket = 0;  ///< The only socket it is meant for; 0 for any.
  };

  struct limits {
    size_t messages;
    size_t bytes;
  };

  /// @returns false if the limits do not permit one more.
  bool push(item x, const limits& most) {
    auto size = x.message.payload().size();
    if (items_.size() >= most.messages || size > most.bytes
        || bytes_ > most.bytes - size)
      return false;
    bytes_ += size;
    items_.push_back(std::move(x));
    return true;
  }

  /// @pre The queue is not empty.
  item pop() {
    auto result = std::move(items_.front());
    items_.pop_front();
    bytes_ -= result.message.payload().size();
    return result;
  }

  bool empty() const noexcept {
    return items_.empty();
  }

  size_t size() const noexcept {
    return items_.size();
  }

private:
  std::deque<item> items_;
  size_t bytes_ = 0;
};

} // namespace troupe::actors
