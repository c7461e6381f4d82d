#pragma once

#include "actors/bot_table.hpp"
#include "actors/connection_table.hpp"
#include "actors/event_feed.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/relay_actor.hpp"
#include "actors/remote_nodes.hpp"
#include "actors/room_actor.hpp"
#include "actors/room_table.hpp"
#include "actors/server_core.hpp"
#include "troupe/messages.hpp"

#include <caf/actor.hpp>
#include <caf/error.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace troupe::actors {

/// Opens and ends the rooms of a server, lets members in and out, and tells
/// subscribers and other nodes which rooms there are. Part of the registry,
/// which spawns, monitors and retires the rooms.
class room_supervisor {
public:
  /// @param owner       the actor that this is part of.
  /// @param event_loops the threads over which rooms are spread; may be empty.
  /// @param relays      one relay per thread.
  /// @param connections those of this node.
  /// @param nodes       the other nodes.
  /// @param feed        reports rooms to subscribers.
  room_supervisor(pinned_actor* owner, std::shared_ptr<server_core> core,
                  std::vector<event_loop*> event_loops, relay_list relays,
                  const connection_table& connections,
                  const remote_nodes& nodes, event_feed& feed);

  const room_table& table() const noexcept {
    return rooms_;
  }

  // -- members ----------------------------------------------------------------

  /// Adds `who` to a room, and tells it `joined` or `join_refused`.
  void let_in(const caf::actor& who, const msg::join& msg);

  /// Removes `who` from `room`.
  /// @returns whether it was a member.
  bool let_out(const caf::actor& who, const std::string& room);

  /// Handles that a room has removed a member.
  void on_removed(const removed& msg);

  /// Removes the bot `who`, which has ended, from the table of bots.
  /// @returns the rooms of which it is still a member.
  std::set<std::string> remove_bot(caf::actor_id who);

  /// Removes `who` from `room` if that exists.
  void let_go(const std::string& room, caf::actor_id who);

  // -- rooms ------------------------------------------------------------------

  /// Handles that a room, the sender of the current message, says that it has
  /// no members.
  void on_vacant(const vacant& msg);

  /// Handles that the actor `who` has ended. Only rooms that fail are monitored
  /// until then; such a room is opened anew if it has members on other nodes.
  void on_failure(const caf::actor& who);

  /// Notes whether the room `name` has members on the node of `bridge`.
  void set_remote(const std::string& name, const caf::actor& bridge,
                  bool populated);

  /// Handles that the connection `id` of some node has come or gone. As long as
  /// there is one, messages to its id alone are not for a room of that name
  /// (C41).
  void update_namesake(const std::string& id);

  // -- the end ----------------------------------------------------------------

  /// Lets nobody in from now on, and opens no room.
  void close() noexcept {
    is_closed_ = true;
  }

  /// Makes all rooms end.
  void dismiss_all();

  /// Forgets all rooms and bots: the owner ends.
  void clear();

private:
  caf::error check(const std::string& room) const;
  void add_bot(const caf::actor& who, const std::string& room);
  void forget_bot_in(caf::actor_id who, const std::string& room);
  bool has_connection(const std::string& id) const;
  room_table::room& open(const std::string& name);
  caf::actor spawn(const std::string& name);
  void retire(const std::string& name);
  void remove(const std::string& name);
  void tell_nodes(const std::string& name, bool has_members);

  pinned_actor* owner_;
  std::shared_ptr<server_core> core_;
  std::vector<event_loop*> loops_;
  relay_list relays_;
  const connection_table& connections_;
  const remote_nodes& nodes_;
  event_feed& feed_;
  room_table rooms_;
  bot_table bots_;
  bool is_closed_ = false;
};

} // namespace troupe::actors
