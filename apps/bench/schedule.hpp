#pragma once

#include "measure.hpp"

#include <cstdint>

namespace troupe::bench {

/// When the messages of an open loop are due: one after the other, evenly, no
/// matter what comes back. Time from then on is what a user would wait, also
/// for messages that a busy server or load delayed at their start.
class schedule {
public:
  /// @param rate  messages per second, above 0.
  schedule(clock::time_point start, double rate) : start_{start}, rate_{rate} {
  }

  [[nodiscard]] clock::time_point due(std::uint64_t message) const {
    return start_
           + std::chrono::duration_cast<clock::duration>(
             std::chrono::duration<double>{static_cast<double>(message)
                                           / rate_});
  }

private:
  clock::time_point start_;
  double rate_;
};

} // namespace troupe::bench
