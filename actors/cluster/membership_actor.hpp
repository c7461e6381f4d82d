#pragma once

#include "actors/cluster/address_book.hpp"
#include "actors/cluster/bridge_actor.hpp"
#include "actors/cluster/cluster_messages.hpp"
#include "actors/cluster/name_directory.hpp"
#include "actors/cluster/pairing.hpp"
#include "actors/cluster/sightings.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/seams/cluster_transport.hpp"
#include "troupe/cluster.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// To the membership actor, before it begins: this server is one with those of
/// its name on other nodes.
struct cluster_server {
  std::string name;
  caf::actor registry;
};

/// To the membership actor: other nodes find you at `address`, look for them by
/// `net`.
struct begin_membership {
  std::string address;
  std::shared_ptr<cluster_transport> net;
};

/// To the membership actor: say goodbye, and end when all know, or in a second.
struct leave_cluster {};

/// Who this process is in its cluster.
struct node_identity {
  std::string name; ///< As in ids of connections.
  uint64_t incarnation = 0;
};

/// Knows the other nodes of a cluster: looks for them, notices when they come
/// and go, and brings the bridges of their servers together. It is this node's
/// membership, and what cluster.hpp says of "the cluster actor" is answered
/// here. cluster_messages.hpp tells what two of them say to each other.
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
  using time_point = address_book::time_point;

  /// A node that is up.
  struct peer {
    std::string address;
    uint64_t incarnation = 0;
    caf::actor membership;
    time_point heard; ///< When it last gave a sign of life.
    std::shared_ptr<bridge_counters> counters;
    std::map<std::string, pairing> bridges; ///< By the server's name.
  };

  /// A node that was sent a hello and has not answered yet.
  struct greeting {
    caf::actor membership;
    std::string address; ///< Where it was dialed; empty if it was not.
    time_point since;
  };

  using peer_map = std::map<std::string, peer>; // By name.

  void begin(const begin_membership& msg);

  // -- time
  void on_time();
  void send_heartbeats();
  void tell_gaps();
  void drop_silent(time_point now);
  void give_up_greetings(time_point now);
  void dial_due(time_point now);
  void arm();
  time_point now() const;

  // -- nodes
  void greet(const caf::actor& membership, const std::string& address);
  void on_reached(const reached& msg);
  void note_led_back(const std::string& address);
  void note_met(const std::string& address, const std::string& node,
                const std::string& found);
  void on_not_reached(const not_reached& msg);
  void on_hello(const hello& msg);
  void on_refused(const refused& msg);
  void on_introduction(const introduction& msg);
  void on_sees(const sees& msg);
  void on_heartbeat();
  void on_goodbye();
  void on_leave_ack();
  void on_down(const caf::down_msg& msg);
  std::string objection(const hello& msg) const;
  void refuse(const hello& msg, const caf::actor& to, const std::string& why);
  void drop_forerunners(const hello& msg);
  bool pop_bridges(const hello& msg, peer& from);
  void introduce(const known_peer& who);
  void end(peer_map::iterator x, const std::string& why);
  void replace_bridge(const caf::actor_addr& bridge);
  bool serves(const std::string& server) const;
  void dismiss_bridge(const caf::actor& bridge);
  peer_map::iterator find_peer(const caf::actor_addr& membership);
  std::vector<std::string> end_greetings(const caf::actor_addr& membership);
  void fail_greetings(const caf::actor_addr& membership,
                      const std::string& why);
  void fail(const std::string& address, const std::string& why);
  void send_hello(const caf::actor& to, const peer* known);
  void watch(const caf::actor& membership);
  void unwatch(const caf::actor& membership);
  bool is_known(const caf::actor_addr& membership);
  std::vector<std::string> names_of_peers() const;
  caf::actor sender();
  void leave();
  void finish_leaving_if_alone();

  // -- users
  caf::result<void> on_register_actor(const register_actor& msg);
  caf::result<caf::message> find(const std::string& name);
  void add_subscriber(const subscribe_nodes& msg);
  std::vector<node_info> list() const;

  /// They go on when a node comes back to its address, as long as that is
  /// sought.
  std::shared_ptr<bridge_counters> counters_for(const std::string& address);

  template <class T>
  void tell_peers(const T& what) {
    for (const auto& [name, x] : peers_)
      send(x.membership, what);
  }

  template <class T>
  void tell_subscribers(const T& what) {
    for (const auto& [id, x] : subscribers_)
      send(x, what);
  }

  const cluster_config settings_;
  const node_identity self_;
  std::string address_;                    ///< Empty until we begin.
  std::shared_ptr<cluster_transport> net_; ///< The same.
  std::vector<cluster_server> servers_;
  address_book book_;
  name_directory names_;
  sightings sightings_;
  peer_map peers_;
  bool has_view_changed_ = false; ///< Since we told it.
  /// By address.
  std::map<std::string, std::shared_ptr<bridge_counters>> counters_;
  std::vector<greeting> greeted_;
  std::map<std::string, std::string> refusals_; ///< By address, as logged.
  std::unordered_multimap<caf::actor_id, caf::actor> subscribers_;
  time_point next_heartbeat_;
  time_point armed_; ///< When the next wake-up comes.
  bool leaving_ = false;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::cluster_server)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::begin_membership)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::leave_cluster)
