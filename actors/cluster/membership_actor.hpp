#pragma once

#include "actors/cluster/admission.hpp"
#include "actors/cluster/cluster_messages.hpp"
#include "actors/cluster/link_counters.hpp"
#include "actors/cluster/name_directory.hpp"
#include "actors/cluster/node_search.hpp"
#include "actors/cluster/node_table.hpp"
#include "actors/cluster/server_bridges.hpp"
#include "actors/cluster/sightings.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/seams/cluster_transport.hpp"
#include "actors/subscriber_list.hpp"
#include "troupe/cluster.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::actors {

/// Sent to the membership actor. Begins membership: other nodes reach this one
/// at `address`, and `net` dials them.
struct begin_membership {
  std::string address;
  std::shared_ptr<cluster_transport> net;
};

/// Sent to the membership actor. Makes it say goodbye to all nodes and end when
/// they have acknowledged that, at the latest after one second.
struct leave_cluster {};

/// Identifies this process in its cluster.
struct node_identity {
  std::string name; ///< As in ids of connections.
  uint64_t incarnation = 0;
};

/// Knows the other nodes of a cluster: finds them, detects when they come and
/// go, and pairs the bridges of their servers. It is "the cluster actor" of
/// cluster.hpp and answers the messages described there. cluster_messages.hpp
/// describes the protocol between the membership actors of two nodes.
class membership_actor final : public runtime_actor {
public:
  membership_actor(caf::actor_config& cfg, event_loop* at,
                   cluster_config settings, node_identity self);

  const char* name() const override {
    return "troupe.cluster";
  }

  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  using time_point = node_table::time_point;

  using peer = node_table::peer;

  void begin(const begin_membership& msg);

  // -- time
  void on_time();
  void send_heartbeats();
  void tell_gaps();
  void drop_silent(time_point t);
  void give_up_greetings(time_point t);
  void arm();
  time_point now() const;

  // -- nodes
  void greet(const caf::actor& membership, const std::string& address);
  void on_reached(const reached& msg);
  void on_not_reached(const not_reached& msg);
  void on_hello(const hello& msg);
  void on_refused(const refused& msg);
  void on_introduction(const introduction& msg);
  void on_sees(const sees& msg);
  void on_heartbeat();
  void on_goodbye();
  void on_leave_ack();
  void on_down(const caf::down_msg& msg);
  void refuse(const hello& msg, const caf::actor& to, const std::string& why);
  void drop_forerunners(const hello& msg);
  void introduce(const known_peer& who);
  void end(std::string node, const std::string& why);
  void fail_greetings(const caf::actor_addr& membership,
                      const std::string& why);
  void fail(const std::string& address, const std::string& why);
  void send_hello(const caf::actor& to, const peer* known);
  caf::actor sender();
  void leave();
  void finish_leaving_if_alone();

  // -- users
  caf::result<void> on_register_actor(const register_actor& msg);
  caf::result<caf::message> find(const std::string& name);
  void add_subscriber(const subscribe_nodes& msg);
  std::vector<node_info> list() const;

  template <class T>
  void tell_peers(const T& what) {
    for (const auto& [name, x] : nodes_.peers())
      send(x.membership, what);
  }

  template <class T>
  void tell_subscribers(const T& what) {
    subscribers_.for_each(
      [&](const caf::actor& who, bool) { send(who, what); });
  }

  const cluster_config settings_;
  const node_identity self_;
  std::string address_; ///< Empty before `begin_membership`.
  node_search search_;
  name_directory names_;
  sightings sightings_;
  node_table nodes_;
  server_bridges bridges_;
  admission admission_;
  bool has_view_changed_ = false; ///< Since the last `sees` was sent.
  link_counters counters_;
  subscriber_list subscribers_;
  time_point next_heartbeat_;
  time_point armed_; ///< Time of the next `wake_up`.
  bool leaving_ = false;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::begin_membership)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::leave_cluster)
