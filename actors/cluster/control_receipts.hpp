#pragma once

#include "actors/cluster/bridge_ends.hpp"

#include <cstdint>

namespace troupe::actors {

/// Confirms the counterpart's control messages with `control_done`, once the
/// registry has answered a `fence`: they are processed then, and wait in no
/// mailbox either. One fence at a time, so the slower the registry, the more
/// messages one answer stands for.
class control_receipts {
public:
  explicit control_receipts(const bridge_ends& ends) : ends_(ends) {
  }

  /// Notes that one more control message was handled.
  void count();

  /// Confirms what is not confirmed yet, if the bridge has met its counterpart.
  void confirm();

private:
  const bridge_ends& ends_;
  uint64_t handled_ = 0;
  uint64_t confirmed_ = 0;
  bool is_waiting_ = false; ///< For the registry.
};

} // namespace troupe::actors
