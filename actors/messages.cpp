#include "troupe/messages.hpp"

#include "troupe/runtime.hpp"

namespace troupe {

void add_message_types(caf::actor_system_config& cfg) {
  cfg.add_message_types<caf::id_block::troupe>();
}

} // namespace troupe
