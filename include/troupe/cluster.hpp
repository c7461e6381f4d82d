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

/// How a process is a node of a cluster: options `cluster.*`. Without `listen`
/// and `join` it is none. Time spans must be the same on all nodes.
struct cluster_config {
  /// `HOST:PORT` where other nodes find this one; port 0 picks a free one.
  /// Empty, with `join`: 127.0.0.1 and a free port. Anything but this machine's
  /// own (127.0.0.0/8, ::1) needs TLS, or `allow_plaintext`.
  std::string listen;

  /// `HOST:PORT` of nodes to meet; any one that is up will do, since nodes
  /// introduce each other. Tried again for ever. A host may be a name or a
  /// virtual address of several nodes, this one included.
  std::vector<std::string> join;

  /// Nodes of another cluster are refused. 1 to 255 bytes.
  std::string name = "troupe";

  /// The address that other nodes are told, where that differs from `listen`:
  /// behind NAT, or if `listen` is a wildcard such as 0.0.0.0. Needs a fixed
  /// port in `listen`.
  std::string advertise;

  /// How often a node shows the others that it lives. 10 ms to 1 h.
  caf::timespan heartbeat = std::chrono::seconds{2};

  /// How long a node may be silent before the others take it for dead. At least
  /// twice `heartbeat`.
  caf::timespan timeout = std::chrono::seconds{10};

  /// Most bytes that may wait for one node, from all servers of this one, with
  /// those under way to it beyond 1 MiB. Reaction: `on_overflow`. At least
  /// 64 KiB, and 1 KiB more than `config::max_message_size` of each server. A
  /// message of 63 MiB, or of so many bytes if that is more, may wait
  /// alone; a larger one is lost. The same on all nodes.
  size_t max_queue_bytes = 64 * 1024 * 1024;

  /// What happens to messages for a slow node beyond it: `drop_oldest` or
  /// `drop_newest`; `node_info::lost` counts them.
  overflow on_overflow = overflow::drop_oldest;

  /// PEM files for mutual TLS; all three or none. Whoever has a certificate of
  /// this CA is a member: use one that signs nothing else.
  std::string tls_ca;
  std::string tls_certificate;
  std::string tls_key;

  /// Listens beyond this machine without TLS. Loud and unsafe: whoever reaches
  /// the port can do with the cluster what he likes.
  bool allow_plaintext = false;

  bool enabled() const noexcept {
    return !listen.empty() || !join.empty();
  }

  /// Says in words which setting is wrong and with which value.
  /// @returns none if all is well, else errc::invalid_config.
  caf::error validate() const;

  /// Says in words whether messages of a server with these settings are too
  /// large for other nodes.
  /// @returns none if they fit, else errc::invalid_config.
  caf::error validate_for(const config& server) const;
};

/// What a node of a cluster is to another.
enum class link_state : uint8_t {
  connecting, ///< Its address is known, it does not answer yet.
  up,         ///< Messages flow.
};

/// One node of the cluster as another one sees it.
struct node_info {
  std::string name;         ///< As in ids of connections (`node_of`).
  std::string address;      ///< `HOST:PORT`.
  uint64_t incarnation = 0; ///< Of its process: another one after a restart.
  link_state state = link_state::connecting;
  uint64_t queued_messages = 0; ///< For it, here.
  uint64_t queued_bytes = 0;

  // Messages to and from this address, whatever process was there.
  uint64_t sent = 0;
  uint64_t received = 0;

  /// Messages dropped, or under way when the connection was lost, or refused
  /// because their text is not UTF-8. The log tells of each.
  uint64_t lost = 0;

  /// It was not told of: of connections that came and went here while too much
  /// waited for it.
  uint64_t events_dropped = 0;

  /// To it or from it, not asked or not answered: too many were open.
  uint64_t questions_refused = 0;

  /// Nodes that are up for us and, for `cluster_config::timeout` at least, not
  /// for it: the network between them is cut.
  std::vector<std::string> cannot_see = {};

  friend bool operator==(const node_info&, const node_info&) = default;
};

// -- what the cluster actor understands ---------------------------------------

/// Asks the cluster actor for the other nodes: answers
/// `std::vector<node_info>`.
struct nodes {};

/// Sends `who` (or the sender, if null) a `node_up` and an `actor_up` for all
/// there are, then a `node_up`, `node_down`, `actor_up` or `actor_down` for
/// each change, until it dies.
struct subscribe_nodes {
  caf::actor who;
};

/// Makes `who` (or the sender, if null) known on all nodes by this name until
/// it dies. Answers nothing, or errc::name_taken if another live actor of this
/// node has it.
struct register_actor {
  std::string name;
  caf::actor who;
};

/// Asks for the actor of this name, wherever it lives: answers `caf::actor`, or
/// errc::no_such_name. If several nodes have one, it is this node's own, else
/// that of the node whose name sorts first.
struct find_actor {
  std::string name;
};

struct node_up {
  std::string name;
  std::string address;
};

struct node_down {
  std::string name;
  std::string address;
  std::string reason; ///< In words.
};

/// An actor was registered, here or on another node. One of the same name may
/// live on several nodes: then there are as many of these.
struct actor_up {
  std::string name;
  caf::actor handle;
};

/// It died, or its node went.
struct actor_down {
  std::string name;
  caf::actor handle; ///< As in its `actor_up`.
};

/// This process as a node: servers of one name on all nodes are one (their
/// rooms, `to`, `all`, `broadcast`, queries), and actors find each other by
/// name. Members are thread-safe. docs/cluster.md tells what is promised.
class cluster {
public:
  /// Does no I/O. @pre `sys` has `runtime_config`, with `cluster.*` set if the
  /// node is to be one, and outlives the cluster.
  cluster(caf::actor_system& sys, cluster_config cfg);

  /// Calls `stop`. Not on a runtime thread.
  ~cluster();

  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  /// Makes `x` one with the servers of this name on other nodes. Call before
  /// `start`; `x` must outlive this.
  void add(std::string name, const server& x);

  /// Begins to listen and to look for the others. Once.
  /// @returns the port, 0 if the settings make this no node, or
  ///          errc::cannot_listen, errc::invalid_config, errc::foreign_runtime.
  caf::expected<uint16_t> start();

  /// Says goodbye to the others. Returns at once. Idempotent.
  void begin_stop();

  /// The same, and waits up to a second until they know. Not on a runtime
  /// thread.
  void stop();

  /// The cluster actor: see above for what it understands.
  const caf::actor& handle() const noexcept;

  query<std::vector<node_info>> nodes() const;
  query<void> register_actor(std::string name, caf::actor who);
  query<caf::actor> lookup(std::string name) const;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

// -- inspection ---------------------------------------------------------------

/// Defines `inspect` for a struct, with its fields as `x.name`.
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

/// Type ids of the messages above; append only, as in messages.hpp.
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
