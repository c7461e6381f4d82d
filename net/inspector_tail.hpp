#pragma once

#include "net/inspection.hpp"
#include "troupe/connection.hpp"

#include <caf/actor.hpp>

#include <memory>
#include <string>

namespace troupe {

/// The tail that one page of the inspector shows: what is published to a room.
/// The page asks for it each second, and the tail ends soon after it stops
/// asking. Belongs to the connection of the page.
class inspector_tail : public std::enable_shared_from_this<inspector_tail> {
public:
  /// Sends the page the event `tail` with what was published since the last
  /// call. Begins a tail if there is none of this room.
  /// @param path the route of the server.
  void tell(connection& page, const inspected& inspection,
            const std::string& path, const std::string& room);

  /// Ends the tail, if there is one.
  void end(connection& page);

private:
  void begin(connection& page, const inspected& inspection,
             const std::string& path, const std::string& room);

  std::string path_;
  std::string room_;
  caf::actor tail_; ///< Null if there is none.
};

} // namespace troupe
