#pragma once

#include "net/runtime/address_table.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace troupe::net {

/// Decides which refusals of clients are logged: one for each address and
/// minute. Knows 1024 addresses. Thread-safe.
class refusal_log {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Counts a refusal.
  /// @returns the number of refusals of this address since the last one that
  ///          was logged, if this one is to be logged.
  std::optional<uint64_t> note(address_key from, time_point now);

private:
  struct entry {
    time_point since; ///< The last refusal that was logged.
    uint64_t omitted = 0;
  };

  std::mutex mutex_;
  boost::unordered_flat_map<address_key, entry> entries_;
};

} // namespace troupe::net
