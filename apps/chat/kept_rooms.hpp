#pragma once

#include "attendance.hpp"
#include "history.hpp"
#include "protocol.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace chat {

/// Sent by the directory to itself. Ends the wait for the history of `room`.
struct open_now {
  std::string room;
};

/// The rooms that a directory keeps, with their history: as long as guests of
/// its node are in a room, and a while longer.
///
/// The first guest of a room waits until all other nodes that keep the room
/// have sent its history, at most for a second.
class kept_rooms {
public:
  struct actions {
    std::function<void(const std::string& room)> opened;
    std::function<void(const std::string& room)> closed;
  };

  /// @param owner the directory.
  kept_rooms(caf::event_based_actor* owner, const attendance& all, actions how)
    : owner_(owner),
      all_(all),
      how_(std::move(how)) {
  }

  /// Opens a room that stays open without guests.
  void open_standing(const std::string& name);

  /// Opens the room unless it is open, and sends `admitted` to the connection
  /// `who` when the history of the room is complete or the wait ends.
  void admit(const std::string& name, const caf::actor& who);

  /// Handles `open_now`, which the owner receives.
  void stop_waiting(const std::string& name);

  /// Closes rooms that are not needed and were not needed at the last call
  /// either.
  void close_vacant(const std::set<std::string>& needed);

  bool has(const std::string& name) const {
    return rooms_.contains(name);
  }

  std::vector<std::string> names() const;

  /// Returns the history of a room, or null if the room is not kept.
  const history* said(const std::string& name) const;

  /// Adds a message to the history of its room, if the room is kept.
  void remember(message x);

  /// Merges the messages that `node` has of a room into its history.
  void learn(const std::string& node, const std::string& name,
             std::vector<message> told);

  /// Stops waiting for `node`.
  void forget_node(const std::string& node);

  void clear() {
    rooms_.clear();
  }

private:
  struct record {
    history said;
    std::set<std::string> awaited;   ///< Nodes whose history is not here yet.
    std::vector<caf::actor> waiting; ///< Guests who wait for these.
    bool standing = false;           ///< Stays open without guests.
    bool vacant = false;             ///< Was not needed at the last check.
  };

  record& open(const std::string& name);
  void stop_awaiting(const std::string& node, const std::string& name);

  caf::event_based_actor* owner_;
  const attendance& all_;
  actions how_;
  std::map<std::string, record> rooms_;
};

} // namespace chat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::open_now)
