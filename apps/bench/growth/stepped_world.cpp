#include "stepped_world.hpp"

#include <caf/atom.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_execution_unit.hpp>

#include <limits>

namespace troupe::growth {

namespace {

caf::scheduler::test_coordinator& scheduler_of(caf::actor_system& sys) {
  return dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
}

config without_limits() {
  constexpr auto unlimited = std::numeric_limits<uint32_t>::max();
  return {.max_output_bytes = unlimited,
          .max_rooms = unlimited,
          .max_unread_batches = unlimited,
          .max_unread_bytes = unlimited};
}

} // namespace

stepped_world::settings::settings() {
  troupe::add_message_types(*this);
  set("scheduler.policy", caf::atom("testing"));
}

stepped_world::stepped_world()
  : system_(settings_),
    server_(system_, without_limits()) {
  actors_.emplace(system_, counts_);
  run();
}

stepped_world::~stepped_world() {
  actors_.reset();
  server_.begin_stop();
  run();
}

size_t stepped_world::run() {
  size_t rounds = 0;
  for (; scheduler_of(system_).has_job(); ++rounds)
    run_round();
  return rounds;
}

void stepped_world::run_round() {
  constexpr auto all = std::numeric_limits<size_t>::max();
  caf::scoped_execution_unit here{&system_};
  auto jobs = std::move(scheduler_of(system_).jobs);
  scheduler_of(system_).jobs.clear();
  for (auto* job : jobs)
    if (job->resume(&here, all) == caf::resumable::resume_later)
      here.exec_later(job);
    else
      caf::intrusive_ptr_release(job);
}

} // namespace troupe::growth
