#include "actors/connection_messages.hpp"

#include "actors/outbound_sequencer.hpp"
#include "troupe/messages.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/system_messages.hpp>

namespace troupe::actors {

bool is_exit_of_terminated(const caf::type_erased_tuple& x) {
  if (x.type_token() != caf::make_type_token<caf::exit_msg>())
    return false;
  const auto& source = x.get_as<caf::exit_msg>(0).source;
  if (!source)
    return false;
  auto who = caf::actor_cast<caf::strong_actor_ptr>(source);
  return !who || who->get()->getf(caf::abstract_actor::is_terminated_flag);
}

bool is_output(const caf::type_erased_tuple& x) {
  return x.match_elements<msg::deliver>() || x.match_elements<msg::emit>()
         || x.match_elements<msg::confirmed>()
         || x.match_elements<outbound_sequencer::overdue>();
}

} // namespace troupe::actors
