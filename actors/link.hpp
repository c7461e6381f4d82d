#pragma once

#include "actors/pinned.hpp"
#include "troupe/cluster.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace troupe::actors {

struct link_limits {
  size_t max_queue_bytes = 32 * 1024 * 1024;
  overflow on_overflow = overflow::drop_oldest;
};

/// What happened on the links to one node, all servers together. Outlives each
/// of them.
struct link_counters {
  std::atomic<uint64_t> queued_messages = 0;
  std::atomic<uint64_t> queued_bytes = 0;
  std::atomic<uint64_t> sent = 0;
  std::atomic<uint64_t> received = 0;
  std::atomic<uint64_t> lost = 0;
};

/// To a link: this is your counterpart on the other node. Once in its life.
struct meet {
  caf::actor peer;
};

/// One server's outpost of another node: hears what is said in rooms that have
/// members there, and carries it to its counterpart; says here what that one
/// carries. The only actors of two nodes that talk for their servers. Ends
/// when told to by an exit message, or with the registry.
class link_actor final : public pinned {
public:
  /// @param node the other's name, as in ids of connections.
  link_actor(caf::actor_config& cfg, home* at, caf::actor registry,
             std::string node, link_limits limits,
             std::shared_ptr<link_counters> counters);

  const char* name() const override {
    return "troupe.link";
  }

  caf::behavior make_behavior() override;

private:
  caf::actor registry_;
  std::string node_;
  link_limits limits_;
  std::shared_ptr<link_counters> counters_;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::meet)
