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

/// Passes on what is addressed by name: to connections, rooms and everyone on
/// this node, and to the bridges of other nodes. Keeps the order of each sender
/// (invariant 2). Part of the registry, in whose handlers and as whose messages
/// everything happens.
class name_router {
public:
  /// @param owner        the actor that this is part of.
  /// @param relays       one relay per thread.
  /// @param everyone     the members of the channel to everyone.
  /// @param connections  those of this node.
  /// @param rooms        those of this node.
  /// @param nodes        the other nodes.
  name_router(pinned_actor* owner, relay_list relays, fan_out& everyone,
              const connection_table& connections, const room_table& rooms,
              const remote_nodes& nodes);

  // -- messages ---------------------------------------------------------------

  /// Publishes `msg`. A message to nobody is confirmed like any other.
  void route(const msg::publish& msg);

  /// Publishes messages from another node to members on this node.
  void route(arrival& msg);

  /// Sends off what rooms have gathered for the senders of this turn.
  void send_off();

  // -- requests ---------------------------------------------------------------

  /// Makes `whom`, a connection of this node or another actor, answer the
  /// owner's current message, as if it had been sent `what`.
  void delegate(const caf::actor& whom, const caf::message& what);

  /// Makes the connection `msg.id` of any node answer the current message.
  /// @returns the answer if there is no such connection.
  caf::result<caf::message> delegate(const msg::forward& msg);

  /// Makes the connection `msg.id` of this node answer the current message.
  /// @returns `errc::no_such_name` if there is no such connection.
  caf::result<caf::message> delegate_local(const forward_local& msg);

  /// Makes the registry of another node answer the current message: that of the
  /// node where `who` lives.
  /// @returns `errc::no_such_node` if it is unknown.
  caf::result<caf::message> delegate_to_node_of(const caf::actor& who,
                                                const caf::message& what);

  /// Makes a survey of all nodes answer the current message.
  void delegate(const msg::survey& msg);

  /// Forgets the senders of this turn: the owner ends.
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
