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

/// Opens and ends the rooms of a server, adds and removes members, and reports
/// the rooms to subscribers and other nodes. Part of the registry, which is the
/// actor that spawns and monitors the rooms.
class room_supervisor {
public:
  /// @param owner       the actor that this is part of.
  /// @param event_loops the threads over which rooms are spread; may be empty.
  /// @param relays      one relay per thread.
  /// @param connections the connections of this node.
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

  /// Adds `who` to a room, and sends it `joined` or `join_refused`.
  void let_in(const caf::actor& who, const msg::join& msg);

  /// Makes the current sender an observer of `room`, which it is until it
  /// leaves the room or terminates, or the room ends.
  /// @returns errc::no_such_name if there is no such room.
  caf::result<void> observe(const std::string& room);

  /// Removes `who` from `room`.
  /// @returns whether it was a member.
  bool let_out(const caf::actor& who, const std::string& room);

  /// Handles that a room has removed a member.
  void on_removed(const removed& msg);

  /// Removes the bot `who`, which has terminated, from the table of bots.
  /// @returns the rooms of which it is still a member.
  std::set<std::string> remove_bot(caf::actor_id who);

  /// Removes `who` from `room` if there is such a room.
  void let_go(const std::string& room, caf::actor_id who);

  // -- rooms ------------------------------------------------------------------

  /// Handles that a room has no members any more. The current sender is the
  /// room.
  void on_vacant(const vacant& msg);

  /// Handles that the actor `who` has terminated. If it is a room, it has
  /// failed, since a retired room is not monitored. A room that has members on
  /// other nodes is opened again.
  void on_failure(const caf::actor& who);

  /// Notes whether the room `name` has members on the node of `bridge`.
  void set_remote(const std::string& name, const caf::actor& bridge,
                  bool populated);

  /// Handles that the connection `id` of some node was added or removed. As
  /// long as it exists, a message to the bare name goes to the connection and
  /// not to the room of that name (C41).
  void update_namesake(const std::string& id);

  // -- the end ----------------------------------------------------------------

  /// Refuses all joins from now on, and opens no more rooms.
  void close() noexcept {
    is_closed_ = true;
  }

  /// Makes all rooms terminate.
  void dismiss_all();

  /// Forgets all rooms and bots. Called when the owner terminates.
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
  void note_count();
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
