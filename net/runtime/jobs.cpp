#include "net/runtime/jobs.hpp"

#include "base/guarded.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>

#include <vector>

namespace troupe::net {

namespace {

bool is_actor(const caf::resumable& job) {
  return job.subtype() == caf::resumable::scheduled_actor
         || job.subtype() == caf::resumable::io_actor;
}

/// Terminates the actor behind `job`; `host` receives the jobs that become
/// runnable.
void end(caf::resumable* job, caf::execution_unit* host) {
  if (!is_actor(*job))
    return;
  auto* self = static_cast<caf::scheduled_actor*>(job);
  if (self->getf(caf::abstract_actor::is_terminated_flag))
    return;
  // CAF's own coordinators do not call `on_exit`, without which a stateful
  // actor does not destroy its state.
  guarded("runtime", "on_exit", [self] { self->on_exit(); });
  guarded("runtime", "an actor's end", [self, host] {
    self->cleanup(make_error(caf::exit_reason::user_shutdown), host);
  });
}

} // namespace

std::string name_of(caf::resumable& job) {
  if (!is_actor(job))
    return "something that is no actor";
  auto& self = static_cast<caf::scheduled_actor&>(job);
  return "actor " + std::to_string(self.id()) + ", " + self.name();
}

actors::occupant occupant_of(caf::resumable& job) {
  if (!is_actor(job))
    return {};
  auto& self = static_cast<caf::scheduled_actor&>(job);
  return {self.id(), self.name()};
}

void discard(caf::resumable* job, caf::execution_unit* host) {
  // The end of one actor can make others runnable. They are collected in a
  // list, since recursion would be as deep as a chain of links is long.
  static thread_local std::vector<caf::resumable*>* jobs = nullptr;
  if (jobs != nullptr) {
    jobs->push_back(job);
    return;
  }
  std::vector<caf::resumable*> storage{job};
  jobs = &storage;
  while (!storage.empty()) {
    auto* next = storage.back();
    storage.pop_back();
    end(next, host);
    intrusive_ptr_release(next);
  }
  jobs = nullptr;
}

} // namespace troupe::net
