#pragma once

#include "actors/bridges.hpp"
#include "actors/chore_list.hpp"
#include "actors/connection_table.hpp"
#include "actors/event_feed.hpp"
#include "actors/fan_out.hpp"
#include "actors/name_filter.hpp"
#include "actors/name_router.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/remote_nodes.hpp"
#include "actors/room_supervisor.hpp"
#include "actors/server_core.hpp"
#include "troupe/messages.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Sent by a connection to the registry. Requests registration under `id`. The
/// response is `enlisted`, or errc::id_taken, errc::invalid_id or
/// errc::already_disconnected.
struct enlist {
  std::string_view id;   ///< Points into the connection.
  bool replaces = false; ///< Closes a connection that has the id (C31).
};

/// Response to `enlist`.
struct enlisted {};

/// Sent by a connection to the registry. Ends its registration.
struct delist {
  close_info how;
};

/// Sent by the server's publisher to the registry. Makes the registry end if
/// the publisher ends.
struct register_publisher {};

/// Sent by the registry to a connection. Makes it end at once; messages that
/// are not sent yet are dropped.
struct end_now {};

/// Sent to the registry. Queries some of the connections, by id. The response
/// is a `std::vector<connection_info>`.
struct list_connections {
  name_filter which;
};

/// Sent to the registry. Queries some of the rooms, by name. The response is a
/// `std::vector<room_info>`.
struct list_rooms {
  name_filter which;
};

/// Sent to the registry by an actor that is not a connection. Makes it an
/// observer of a room: it receives what members receive, but does not count as
/// one, does not keep the room alive, and receives `msg::room_down` when the
/// room ends. The response is empty, or errc::no_such_name. `msg::leave` ends
/// it, and so does the end of the actor.
struct observe {
  std::string room;
};

/// Sent to the registry. Ends all connections and then the registry, at the
/// latest after `patience`.
struct stop {
  caf::timespan patience;
};

/// Knows the connections of a server by id and its rooms by name, and is itself
/// the room of everyone. Handles the messages that messages.hpp describes as
/// sent to the registry. Its parts keep the tables and apply their rules; the
/// actor handles messages and the ends of actors.
class registry_actor final : public runtime_actor, public direct_channel {
public:
  /// @param event_loops the threads of the runtime, over which rooms are
  ///                    spread; empty under CAF's own schedulers.
  registry_actor(caf::actor_config& cfg, event_loop* at,
                 std::shared_ptr<server_core> core,
                 std::vector<event_loop*> event_loops);

  const char* name() const override {
    return "troupe.registry";
  }

  caf::behavior make_behavior() override;
  void on_exit() override;

  // As the room of everyone, which a connection leaves only when it ends.

  bool try_publish(const msg::publish& msg, const caf::strong_actor_ptr& from,
                   direct_receiver* direct) override {
    return everyone_.try_publish(msg, from, direct);
  }

  void flush() override {
    everyone_.flush();
  }

  bool let_go(caf::actor_id) override {
    return false;
  }

private:
  caf::result<enlisted> on_enlist(const enlist& msg);
  void close_at_once(const caf::actor& old, std::string why);
  void remove_connection(caf::actor_id who, const close_info& how);
  caf::result<caf::message> join(const msg::join& msg);
  caf::result<caf::message> leave(const msg::leave& msg);
  void forget_bot(caf::actor_id who);
  bool is_connection_of_another(const caf::actor& who) const;
  void on_down(const caf::down_msg& msg);
  void on_local_end(const caf::down_msg& msg);
  void begin(chore_list::chore x);
  void do_chores();
  std::string part(const caf::actor_addr& who) const;
  caf::result<caf::actor> find(const std::string& name) const;
  caf::result<connection_info> find_connection(const std::string& id) const;
  std::vector<connection_info> list() const;
  caf::result<std::vector<connection_info>> list(const std::string& room);
  caf::actor sender_or(const caf::actor& who) const;

  void add_remote_node(const std::string& name);
  void remove_remote_node(const caf::actor_addr& bridge);
  void forget_remote_node(remote_nodes::node gone);
  bool forget_some(remote_nodes::node& gone, event_feed::source& events);
  void note_remote_room(const remote_room_populated& msg);
  void note_remote_id(const held_id& x);
  void note_remote_id_free(const std::string& id);
  void hold_id(const std::string& id);
  void free_id(const std::string& id);
  void begin_stop(const stop& msg);
  void finish_stop_if_empty();
  void finish_stop();

  template <class T>
  void tell_bridges(const T& what) {
    for (const auto& x : remote_nodes_)
      send(x.bridge, what);
  }

  std::shared_ptr<server_core> core_;
  relay_list relays_;
  fan_out everyone_;
  connection_table connections_;
  event_feed feed_;
  remote_nodes remote_nodes_;
  room_supervisor rooms_;
  name_router router_;
  chore_list chores_;
  caf::actor publisher_;
  bool stopping_ = false;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::enlist)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::enlisted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::delist)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::register_publisher)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::end_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::list_connections)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::list_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::observe)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::stop)
