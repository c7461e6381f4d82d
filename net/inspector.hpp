#pragma once

#include "net/inspection.hpp"
#include "troupe/listener.hpp"
#include "troupe/server.hpp"

#include <caf/expected.hpp>

#include <memory>
#include <string>

namespace troupe {

/// Reads the token that the inspector asks for, up to the first white space.
/// @returns errc::invalid_config if the file cannot be read, or if the token is
///          too short or has a character that a subprotocol cannot have.
caf::expected<std::string> read_token(const std::string& file);

/// A page that shows what runs, and the WebSocket endpoint behind it. The page
/// asks each second while it is visible; nothing happens otherwise.
class inspector {
public:
  /// @param token that clients must present; empty for none.
  inspector(caf::actor_system& sys, inspected what, std::string token);

  /// Adds the routes below `/inspector/`.
  /// @pre `this` outlives `to`.
  void add_to(listener& to);

  void begin_stop() {
    server_.begin_stop();
  }

  void stop() {
    server_.stop();
  }

private:
  std::shared_ptr<const inspected> what_;
  server server_;
};

} // namespace troupe
