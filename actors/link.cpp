#include "actors/link.hpp"

namespace troupe::actors {

link_actor::link_actor(caf::actor_config& cfg, home* at, caf::actor registry,
                       std::string node, link_limits limits,
                       std::shared_ptr<link_counters> counters)
  : pinned(cfg, at),
    registry_(std::move(registry)),
    node_(std::move(node)),
    limits_(limits),
    counters_(std::move(counters)) {
}

caf::behavior link_actor::make_behavior() {
  return {
    [](const meet&) {},
  };
}

} // namespace troupe::actors
