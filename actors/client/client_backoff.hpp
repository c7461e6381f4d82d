#pragma once

#include "troupe/error.hpp"

#include <caf/timespan.hpp>

#include <cstddef>
#include <random>

namespace troupe::actors {

/// Decides when a client connects again: exponential back-off with full jitter,
/// so that clients that were lost at the same time do not return at the same
/// time.
class client_backoff {
public:
  client_backoff(caf::timespan min_delay, caf::timespan max_delay);

  /// Returns whether a new attempt can succeed after `code`, according to
  /// docs/protocol.md.
  static bool is_passing(close_code code) noexcept;

  /// Returns the time until the next attempt.
  /// @param code      how the connection or the last attempt has ended.
  /// @param attempts  the number of earlier ends in a row.
  caf::timespan wait(close_code code, size_t attempts);

  /// Returns a random time from `least` to `most`.
  caf::timespan between(caf::timespan least, caf::timespan most);

private:
  const caf::timespan min_delay_;
  const caf::timespan max_delay_;
  std::minstd_rand random_;
};

} // namespace troupe::actors
