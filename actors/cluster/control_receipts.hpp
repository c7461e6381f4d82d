#pragma once

#include "actors/cluster/bridge_ends.hpp"

#include <cstdint>

namespace troupe::actors {

/// Confirms the counterpart's control messages with `control_done` after the
/// registry has answered a `fence`. At that time the messages are processed and
/// wait in no mailbox. Sends one fence at a time, so a slow registry confirms
/// more messages with each answer.
class control_receipts {
public:
  explicit control_receipts(const bridge_ends& ends) : ends_(ends) {
  }

  /// Notes that one more control message was handled.
  void count();

  /// Confirms the messages that are not confirmed yet. Does nothing before the
  /// bridge has met its counterpart.
  void confirm();

private:
  const bridge_ends& ends_;
  uint64_t handled_ = 0;
  uint64_t confirmed_ = 0;
  bool is_waiting_ = false; ///< A fence is not answered yet.
};

} // namespace troupe::actors
