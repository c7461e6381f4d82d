#pragma once

#include <caf/abstract_actor.hpp>
#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_execution_unit.hpp>
#include <caf/sec.hpp>

namespace troupe::test {

/// Terminates an actor as an exception in one of its handlers does. Usable only
/// if the test runs all actors on its own thread.
inline void break_down(const caf::actor& x) {
  auto& self = dynamic_cast<caf::event_based_actor&>(
    *caf::actor_cast<caf::abstract_actor*>(x));
  if (self.getf(caf::abstract_actor::is_terminated_flag))
    return;
  caf::scoped_execution_unit host{&self.home_system()};
  self.context(&host);
  self.quit(caf::sec::runtime_error);
  self.on_exit();
  self.cleanup(caf::make_error(caf::sec::runtime_error), &host);
  self.context(nullptr);
}

} // namespace troupe::test
