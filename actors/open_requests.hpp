#pragma once

#include "troupe/reply_handler.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>

namespace troupe::actors {

/// Requests to a client that have no outcome yet.
class open_requests {
public:
  using result = detail::answer_view;

  using callback = std::function<void(const result&)>;

  size_t size() const noexcept {
    return waiting_.size();
  }

  /// Adds a request.
  /// @returns its id.
  uint64_t add(callback f);

  /// Passes the outcome of the request `id` to its callback. Ignored if there
  /// is no such request: the answer comes late.
  void settle(uint64_t id, const result& x);

  /// Passes `why` to all callbacks.
  void settle_all(const refusal& why);

private:
  std::unordered_map<uint64_t, callback> waiting_;
  uint64_t last_id_ = 0;
};

} // namespace troupe::actors
