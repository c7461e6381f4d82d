#pragma once

#include "troupe/config.hpp"
#include "troupe/frame.hpp"
#include "troupe/recipient.hpp"

namespace troupe::actors {

/// Where an `emitter` leads: a connection, or the server in its own name.
class publish_target {
public:
  virtual ~publish_target() = default;

  virtual const config& settings() const noexcept = 0;

  /// Whether the caller may send here right now: a connection is for its own
  /// callbacks only.
  virtual bool is_usable_here() const noexcept = 0;

  virtual void send_to(const recipient& to, frame message) = 0;
};

} // namespace troupe::actors
