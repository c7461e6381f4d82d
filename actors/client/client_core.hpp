#pragma once

#include "troupe/ws_client_options.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace troupe::actors {

/// What the handles of a client and its actor share. The actor alone changes
/// it.
struct client_core {
  explicit client_core(ws_client_options x) : options{std::move(x)} {
  }

  const ws_client_options options;
  std::atomic<client_state> state = client_state::connecting;
  std::atomic<size_t> queued = 0;
  std::atomic<uint64_t> dropped = 0;
};

} // namespace troupe::actors
