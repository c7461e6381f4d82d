#pragma once

#include "troupe/config.hpp"
#include "troupe/inspect.hpp"
#include "troupe/query.hpp"
#include "troupe/server.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/timespan.hpp>
#include <caf/type_id.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// Settings of a process as a node of a cluster: option group `cluster`.
/// Without `listen` and `join` the process is not a node. All nodes of a
/// cluster must have the same time spans.
struct cluster_config {
  /// `HOST:PORT` to listen on for other nodes; port 0 selects a free port. If
  /// empty while `join` is set: 127.0.0.1 and a free port. Any host other than
  /// the loopback addresses (127.0.0.0/8, ::1) requires TLS or
  /// `allow_plaintext`.
  std::string listen;

  /// `HOST:PORT` of nodes to connect to at first. One reachable node is
  /// sufficient, since nodes introduce each other. Attempts are repeated
  /// indefinitely. A host may be a name or a virtual address that stands for
  /// several nodes, this one included.
  std::vector<std::string> join;

  /// Name of the cluster; nodes of other clusters are refused. 1 to 255 bytes.
  std::string name = "troupe";

  /// `HOST:PORT` announced to other nodes, if it differs from `listen`: behind
  /// NAT, or if `listen` is a wildcard such as 0.0.0.0. Requires a fixed port
  /// in `listen`.
  std::string advertise;

  /// Interval between two heartbeats. 10 ms to 1 h.
  caf::timespan heartbeat = std::chrono::seconds{2};

  /// Time without a sign of life after which a node is considered down. At
  /// least twice `heartbeat`, at most 365 days.
  caf::timespan timeout = std::chrono::seconds{10};

  /// Maximum number of bytes that may wait for one node, from all servers of
  /// this node together, including bytes in transit beyond 1 MiB. Reaction:
  /// `on_overflow`. A single message of at most 63 MiB, or of at most this size
  /// if that is more, may always wait alone; a larger message is lost. At least
  /// 64 KiB, and at least 1 KiB more than `config::max_message_size` of each
  /// server. Must be the same on all nodes.
  size_t max_queue_bytes = 64 * 1024 * 1024;

  /// Policy for messages to a slow node beyond `max_queue_bytes`: `drop_oldest`
  /// or `drop_newest`. `node_info::lost` counts the dropped messages.
  overflow on_overflow = overflow::drop_oldest;

  /// PEM file with the certificate authority for mutual TLS. Either all three
  /// TLS files are set or none. Every holder of a certificate from this
  /// authority has full access to the cluster, so the authority should sign
  /// nothing else.
  std::string tls_ca;

  /// PEM file with the certificate of this node.
  std::string tls_certificate;

  /// PEM file with the private key of this node.
  std::string tls_key;

  /// Allows listening on an address other than loopback without TLS.
  /// @warning Unsafe: every host that can reach the port has full control of
  ///          the cluster.
  bool allow_plaintext = false;

  /// Returns whether the process is a node: `listen` or `join` is set.
  bool enabled() const noexcept {
    return !listen.empty() || !join.empty();
  }

  /// Checks all settings.
  /// @returns none, or errc::invalid_config with the name and the value of the
  ///          first invalid setting.
  [[nodiscard]] caf::error validate() const;

  /// Checks whether all messages of a server with the settings `server` fit
  /// into `max_queue_bytes`.
  /// @returns none, or errc::invalid_config.
  [[nodiscard]] caf::error validate_for(const config& server) const;
};

/// State of the connection to another node.
enum class link_state : uint8_t {
  connecting, ///< The address is known; there is no connection.
  up,         ///< The connection is established.
};

/// Describes another node of the cluster as this node sees it.
struct node_info {
  /// The name of the node as in connection ids (`node_of`); empty while
  /// `connecting`.
  std::string name;

  /// `HOST:PORT`.
  std::string address;

  /// Identifies the process of the node; differs after a restart.
  uint64_t incarnation = 0;
  link_state state = link_state::connecting;

  /// Number of messages that wait on this node for it.
  uint64_t queued_messages = 0;

  /// Number of bytes that wait on this node for it.
  uint64_t queued_bytes = 0;

  /// Number of messages sent to this address, including those to earlier
  /// processes there.
  uint64_t sent = 0;

  /// Number of messages received from this address, including those from
  /// earlier processes.
  uint64_t received = 0;

  /// Number of messages that were dropped, were in transit when the connection
  /// was lost, or were rejected because their text is not UTF-8. Each loss is
  /// logged.
  uint64_t lost = 0;

  /// Number of connections of this node that came and went without the other
  /// node being notified, because too many events were waiting for it.
  uint64_t events_dropped = 0;

  /// Number of questions to or from the node that were not sent or not
  /// answered, because too many were open.
  uint64_t questions_refused = 0;

  /// Names of nodes that are up for this node, but have not been up for the
  /// described node for at least `cluster_config::timeout`: the network between
  /// these nodes is interrupted.
  std::vector<std::string> cannot_see = {};

  friend bool operator==(const node_info&, const node_info&) = default;
};

// -- messages to the cluster actor --------------------------------------------

/// Requests the list of all other nodes. The response is a
/// `std::vector<node_info>`.
struct nodes {};

/// Subscribes `who`, or the sender if `who` is null, to changes of the cluster.
/// The subscriber first receives a `node_up` for each node and an `actor_up`
/// for each registered actor, then a `node_up`, `node_down`, `actor_up` or
/// `actor_down` for each change. The subscription ends with the subscriber.
struct subscribe_nodes {
  caf::actor who;
};

/// Registers `who`, or the sender if `who` is null, under `name` on all nodes.
/// The registration ends with the actor. The response is empty, or
/// errc::name_taken if another live actor of this node has the name.
struct register_actor {
  std::string name;
  caf::actor who;
};

/// Requests the actor registered under `name` on any node. The response is a
/// `caf::actor`, or errc::no_such_name. If actors of several nodes have the
/// name, the one on this node is preferred, then the one on the node whose name
/// sorts first.
struct find_actor {
  std::string name;
};

/// Sent to subscribers when a connection to another node is established.
struct node_up {
  std::string name;
  std::string address;
};

/// Sent to subscribers when a node has left or is considered down.
struct node_down {
  std::string name;
  std::string address;
  std::string reason; ///< Human-readable.
};

/// Sent to subscribers when an actor has been registered on any node. Actors of
/// several nodes may have the same name; there is one message for each.
struct actor_up {
  std::string name;
  caf::actor handle;
};

/// Sent to subscribers when a registered actor has terminated or its node is
/// down.
struct actor_down {
  std::string name;
  caf::actor handle; ///< The handle of the corresponding `actor_up`.
};

/// Represents this process as a node of a cluster. Servers that were added
/// under the same name on several nodes act as one: rooms, `to`, `all`,
/// `broadcast` and queries span all nodes. Registered actors are found by name
/// from any node.
///
/// Members are thread-safe.
/// @see docs/cluster.md for the guarantees.
class cluster {
public:
  /// Creates the node. Does no I/O.
  /// @pre `sys` uses `runtime_config`, read with `cluster.*` set if the process
  ///      shall be a node, and outlives the cluster.
  cluster(caf::actor_system& sys, cluster_config cfg);

  /// Calls `stop`.
  /// @pre Not called on a runtime thread.
  ~cluster();

  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  /// Connects `x` to the servers added under `name` on other nodes, and lets
  /// registered actors serve its clients by their name (`server::serve`).
  /// @pre Called before `start`; `x` outlives the cluster.
  void add(std::string name, const server& x);

  /// Starts listening and connecting to other nodes.
  /// @pre Called at most once.
  /// @returns the port, 0 if the settings do not make this process a node, or
  ///          errc::cannot_listen, errc::invalid_config or
  ///          errc::foreign_runtime.
  [[nodiscard]] caf::expected<uint16_t> start();

  /// Announces to all other nodes that this one leaves. Returns immediately.
  /// Idempotent.
  void begin_stop();

  /// Calls `begin_stop` and waits for the acknowledgment of the other nodes.
  /// Waits at most 1 s for them, and at most 3 s in total if this process is
  /// overloaded.
  /// @pre Not called on a runtime thread.
  void stop();

  /// Returns the cluster actor, which handles `nodes`, `subscribe_nodes`,
  /// `register_actor` and `find_actor`.
  const caf::actor& handle() const noexcept;

  /// Queries all other nodes. Same as the message `nodes`.
  query<std::vector<node_info>> nodes() const;

  /// Registers `who` under `name` on all nodes. Same as the message
  /// `register_actor`.
  /// @pre `who` is not null.
  command<void> register_actor(std::string name, caf::actor who);

  /// Queries the actor registered under `name` on any node. Same as the message
  /// `find_actor`.
  query<caf::actor> find_actor(std::string name) const;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

// -- inspection ---------------------------------------------------------------

/// Defines `inspect`, with the fields as `x.name`.
TROUPE_INSPECT(troupe, node_info, x.name, x.address, x.incarnation, x.state,
               x.queued_messages, x.queued_bytes, x.sent, x.received, x.lost,
               x.events_dropped, x.questions_refused, x.cannot_see)
TROUPE_INSPECT(troupe, nodes)
TROUPE_INSPECT(troupe, subscribe_nodes, x.who)
TROUPE_INSPECT(troupe, register_actor, x.name, x.who)
TROUPE_INSPECT(troupe, find_actor, x.name)
TROUPE_INSPECT(troupe, node_up, x.name, x.address)
TROUPE_INSPECT(troupe, node_down, x.name, x.address, x.reason)
TROUPE_INSPECT(troupe, actor_up, x.name, x.handle)
TROUPE_INSPECT(troupe, actor_down, x.name, x.handle)

} // namespace troupe

/// Type ids of the messages above. Append only, as in messages.hpp.
CAF_BEGIN_TYPE_ID_BLOCK(troupe_cluster, first_custom_type_id + 300)
  CAF_ADD_TYPE_ID(troupe_cluster, (troupe::node_info))
  CAF_ADD_TYPE_ID(troupe_cluster, (troupe::nodes))
  CAF_ADD_TYPE_ID(troupe_cluster, (troupe::subscribe_nodes))
  CAF_ADD_TYPE_ID(troupe_cluster, (troupe::register_actor))
  CAF_ADD_TYPE_ID(troupe_cluster, (troupe::find_actor))
  CAF_ADD_TYPE_ID(troupe_cluster, (troupe::node_up))
  CAF_ADD_TYPE_ID(troupe_cluster, (troupe::node_down))
  CAF_ADD_TYPE_ID(troupe_cluster, (troupe::actor_up))
  CAF_ADD_TYPE_ID(troupe_cluster, (troupe::actor_down))
  CAF_ADD_TYPE_ID(troupe_cluster, (std::vector<troupe::node_info>) )
CAF_END_TYPE_ID_BLOCK(troupe_cluster)
