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

/// The directory to itself: whoever waits for a room has waited enough.
struct open_now {
  std::string room;
};

/// The rooms that a directory keeps, and what was said in them: as long as
/// guests of its node are in a room, and a while longer.
///
/// The first guest of a room waits until the nodes that keep it, too, have told
/// what was said there, or for a second.
class kept_rooms {
public:
  struct actions {
    std::function<void(const std::string& room)> opened;
    std::function<void(const std::string& room)> closed;
  };

  /// @param owner the directory, which this is part of.
  kept_rooms(caf::event_based_actor* owner, const attendance& all, actions how)
    : owner_(owner),
      all_(all),
      how_(std::move(how)) {
  }

  /// Opens a room that stays without guests.
  void open_standing(const std::string& name);

  /// Opens the room unless it is open, and sends `admitted` to the connection
  /// `who`, now or when it has waited.
  void admit(const std::string& name, const caf::actor& who);

  /// Handles `open_now`, which this sends to the owner.
  void stop_waiting(const std::string& name);

  /// Closes rooms that were not needed at the last call either.
  /// @param needed rooms with guests of this node.
  void close_vacant(const std::set<std::string>& needed);

  bool has(const std::string& name) const {
    return rooms_.count(name) != 0;
  }

  std::vector<std::string> names() const;

  /// What was said in a room; null if it is not kept.
  const history* said(const std::string& name) const;

  /// Notes what was said in a room, if it is kept.
  void remember(message x);

  /// Takes in what was said in a room as `node` knows it.
  void learn(const std::string& node, const std::string& name,
             std::vector<message> told);

  /// Does not wait for `node` any more.
  void forget_node(const std::string& node);

  void clear() {
    rooms_.clear();
  }

private:
  struct record {
    history said;
    std::set<std::string> awaited;   ///< Nodes that know what was said.
    std::vector<caf::actor> waiting; ///< Guests, for that.
    bool standing = false;           ///< Stays without guests.
    bool vacant = false;             ///< Was not needed at the last look.
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
