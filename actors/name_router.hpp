#pragma once

#include "actors/bridges.hpp"
#include "actors/connection_table.hpp"
#include "actors/fan_out.hpp"
#include "actors/passing_order.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/relay_actor.hpp"
#include "actors/remote_nodes.hpp"
#include "actors/room_table.hpp"
#include "actors/survey_actor.hpp"
#include "troupe/messages.hpp"

#include <caf/actor.hpp>
#include <caf/message.hpp>
#include <caf/result.hpp>

#include <cstdint>
#include <vector>

namespace troupe::actors {

/// Routes messages that are addressed by name: to connections, rooms and
/// everyone on this node, and to the bridges of other nodes. Keeps the order of
/// each sender (invariant 2). Part of the registry; its functions are called in
/// handlers of the registry and use the current message and its sender.
class name_router {
public:
  /// @param owner        the actor that this is part of.
  /// @param relays       one relay per thread.
  /// @param everyone     the fan-out to everyone.
  /// @param connections  the connections of this node.
  /// @param rooms        the rooms of this node.
  /// @param nodes        the other nodes.
  name_router(pinned_actor* owner, relay_list relays, fan_out& everyone,
              const connection_table& connections, const room_table& rooms,
              const remote_nodes& nodes);

  // -- messages ---------------------------------------------------------------

  /// Publishes `msg`. A message without receivers is confirmed like any other.
  void route(const msg::publish& msg);

  /// Publishes messages from another node to receivers on this node. The
  /// current sender is the bridge to that node.
  void route(arrival& msg);

  /// Sends off the messages that rooms have gathered from the senders of this
  /// turn.
  void send_off();

  // -- requests ---------------------------------------------------------------

  /// Delegates the current message: sends `what` to `whom`, whose response goes
  /// to the current sender. `whom` is a connection of this node or another
  /// actor.
  void delegate(const caf::actor& whom, const caf::message& what);

  /// Delegates the current message to the connection `msg.id` of any node.
  /// @returns the response if there is no such connection.
  caf::result<caf::message> delegate(const msg::forward& msg);

  /// Delegates the current message to the connection `msg.id` of this node.
  /// @returns `errc::no_such_name` if there is no such connection.
  caf::result<caf::message> delegate_local(const forward_local& msg);

  /// Delegates the current message to the registry of another node, the one
  /// where `who` lives.
  /// @returns `errc::no_such_node` if that node is unknown.
  caf::result<caf::message> delegate_to_node_of(const caf::actor& who,
                                                const caf::message& what);

  /// Delegates the current message to a survey of all nodes.
  void delegate(const msg::survey& msg);

  /// Forgets the senders of this turn. Called when the owner terminates.
  void clear() {
    order_.clear();
  }

private:
  using node_list = std::vector<survey_actor::node>;

  caf::actor self() const;
  void emit_to(const caf::actor& whom, const msg::publish& msg);
  void forward(const caf::actor& to, caf::message msg);
  void post(letter x);
  void confirm(uint64_t ticket);
  void keep_order(const caf::actor& keeps, direct_channel* where);
  void keep_order(const arrival& msg, const caf::actor& keeps,
                  direct_channel* where);
  void keep_order(const passing_order::sender& who, const caf::actor& keeps,
                  direct_channel* where);
  void request_turn_end();
  caf::actor spawn_survey(caf::actor local, node_list others);

  pinned_actor* owner_;
  relay_list relays_;
  fan_out& everyone_;
  const connection_table& connections_;
  const room_table& rooms_;
  const remote_nodes& remote_nodes_;
  passing_order order_;
};

} // namespace troupe::actors
