#pragma once

#include "troupe/config.hpp"
#include "troupe/emitter.hpp"
#include "troupe/frame.hpp"
#include "troupe/messages.hpp"

#include <string>

namespace troupe::actors {

/// What the registry may take an audience's name for.
inline scope scope_of(audience x) noexcept {
  switch (x) {
    case audience::one_connection:
      return scope::connection;
    case audience::room:
    case audience::room_others:
      return scope::room;
    default:
      return scope::any;
  }
}

/// Where an `emitter` leads: a connection, or the server in its own name.
class outlet {
public:
  virtual ~outlet() = default;

  virtual const config& settings() const noexcept = 0;

  /// Whether the caller may send here right now: a connection is for its own
  /// callbacks only.
  virtual bool is_usable_here() const noexcept = 0;

  virtual void send_to(audience whom, const std::string& name, frame message)
    = 0;
};

} // namespace troupe::actors
