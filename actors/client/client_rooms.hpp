#pragma once

#include "actors/open_requests.hpp"
#include "troupe/codec.hpp"
#include "troupe/frame.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace troupe::actors {

class client_actor;

/// Sent by a client to itself when a refused join may be repeated.
struct client_rejoin {
  std::string room;
  uint64_t id = 0; ///< Of the join that was refused.
};

/// The rooms that a client is or wants to be in (version 2 of the protocol).
/// Only the latest join of a room counts: answers of earlier ones are ignored.
class client_rooms {
public:
  client_rooms(client_actor& owner, open_requests& requests);

  void join(const std::string& room, const wire_value& data);
  void leave(const std::string& room);

  /// Joins all rooms on a new connection.
  void on_open();

  /// Called when the server has changed a membership.
  void on_change(const std::string& room, const std::string& why);

  void on_time(const client_rejoin& x);

private:
  struct entry {
    wire_value data;
    uint64_t join = 0; ///< The id of the latest join; 0 if none was sent.
  };

  /// Returns a new join of `room`, whose outcome is passed to `on_outcome`.
  frame make_join(const std::string& room, entry& x);
  void queue_join(const std::string& room, entry& x);
  void on_outcome(const std::string& room, uint64_t id,
                  const detail::answer_view& x);

  client_actor& owner_;
  open_requests& requests_;
  std::map<std::string, entry> wanted_;
  std::set<std::string> added_; ///< Rooms that the server has put it in.
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::client_rejoin)
