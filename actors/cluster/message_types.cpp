#include "troupe/messages.hpp"

#include "actors/bridges.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/cluster_messages.hpp"
#include "troupe/cluster.hpp"
#include "troupe/runtime.hpp"
#include "troupe/service.hpp"

namespace troupe {

void add_message_types(caf::actor_system_config& cfg) {
  cfg.add_message_types<caf::id_block::troupe>();
  cfg.add_message_types<caf::id_block::troupe_services>();
  cfg.add_message_types<caf::id_block::troupe_cluster>();
  cfg.add_message_types<caf::id_block::troupe_membership>();
  cfg.add_message_types<caf::id_block::troupe_bridges>();
  cfg.add_message_types<caf::id_block::troupe_bridge>();
}

} // namespace troupe
