#pragma once

#include "measure.hpp"

#include <cstdint>

namespace troupe::bench {

/// Determines when messages of an open loop are due: at even intervals,
/// independent of responses. Latencies are measured from then on, as a user
/// would notice them, including delays of sending on a busy machine.
class schedule {
public:
  /// @param rate messages per second, greater than 0.
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
