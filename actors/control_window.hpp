#pragma once

#include "actors/link_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace troupe::actors {

/// How much a link may have under way to its counterpart, parcels apart: CAF
/// has no bound on what it takes in for a slow node. What has no room waits
/// where it can be put together with what comes later. Acknowledgements need no
/// window: there are no more than what the other side has under way.
class control_window {
public:
  static constexpr size_t most_messages = 256;

  /// With a message of any size beyond it.
  static constexpr size_t most_bytes = 1024 * 1024;

  /// Whether one more may go.
  bool is_open() const noexcept {
    return under_way_.size() < most_messages && bytes_ < most_bytes;
  }

  /// A message of about this size has gone.
  void sent(size_t bytes);

  /// The other node has read so many, counted from the first.
  void done(uint64_t count);

private:
  std::deque<size_t> under_way_; ///< The sizes.
  size_t bytes_ = 0;
  uint64_t done_ = 0;
};

/// About how many bytes a message has on its way, handles of actors included.
size_t size_of(const population& x);
size_t size_of(const event& x);
size_t size_of(const question& x);
size_t size_of(const answer& x);

} // namespace troupe::actors
