#include "troupe/messages.hpp"

#include "actors/cluster/cluster_messages.hpp"
#include "actors/cluster/link_messages.hpp"
#include "actors/outpost.hpp"
#include "troupe/cluster.hpp"
#include "troupe/runtime.hpp"

namespace troupe {

void add_message_types(caf::actor_system_config& cfg) {
  cfg.add_message_types<caf::id_block::troupe>();
  cfg.add_message_types<caf::id_block::troupe_cluster>();
  cfg.add_message_types<caf::id_block::troupe_membership>();
  cfg.add_message_types<caf::id_block::troupe_outpost>();
  cfg.add_message_types<caf::id_block::troupe_link>();
}

} // namespace troupe
