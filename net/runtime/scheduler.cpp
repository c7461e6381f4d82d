#include "net/runtime/scheduler.hpp"

#include "net/runtime/clock.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/detail/set_thread_name.hpp>
#include <caf/logger.hpp>

#include <algorithm>
#include <csignal>
#include <string>

#include <sched.h>

namespace troupe::net {

namespace {

/// Messages an actor may take in before the sockets of its thread get their
/// turn again. CAF's own default is no limit.
constexpr size_t default_max_throughput = 100;

/// Those this process may run on, which in a container or under taskset are
/// fewer than the machine has.
size_t count_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0)
    return std::max(1u, std::thread::hardware_concurrency());
  return static_cast<size_t>(CPU_COUNT(&set));
}

/// A peer that is gone must show as EPIPE, not end the process: writev and
/// OpenSSL know no MSG_NOSIGNAL. Leaves a handler of the application alone.
void ignore_sigpipe() {
  struct sigaction current = {};
  if (sigaction(SIGPIPE, nullptr, &current) == 0
      && current.sa_handler == SIG_DFL)
    std::signal(SIGPIPE, SIG_IGN);
}

} // namespace

scheduler::scheduler(caf::actor_system& sys, size_t threads,
                     caf::timespan patience)
  : abstract_coordinator(sys),
    patience_(patience) {
  num_workers_ = threads;
}

scheduler::~scheduler() {
  stop_threads(); // If the actor system's constructor threw, nobody did.
  if (clock_)
    clock_->close(); // Its timer needs a worker...
  workers_.clear();  // ...but who dies with these needs a clock to say so.
}

scheduler* scheduler::of(caf::actor_system& sys) noexcept {
  return dynamic_cast<scheduler*>(&sys.scheduler());
}

worker* scheduler::control(caf::actor_system& sys) noexcept {
  auto* self = of(sys);
  return self == nullptr ? nullptr : &self->control();
}

std::string scheduler::held_threads() const {
  std::string result;
  for (const auto& w : workers_) {
    if (!w->is_held_up(std::chrono::steady_clock::now()))
      continue;
    auto who = w->running();
    result += result.empty() ? "thread " : "; thread ";
    result += std::to_string(w->index()) + " is held";
    if (who.id != 0)
      result += " by actor " + std::to_string(who.id) + ", " + who.name;
  }
  return result;
}

void scheduler::enqueue(caf::resumable* job) {
  auto* here = worker::current();
  // There may be several actor systems in one process.
  if (here != nullptr && &here->system() == &system_
      && here->index() < num_workers_)
    here->exec_later(job);
  else
    next_worker().exec_later(job);
}

worker& scheduler::next_worker() noexcept {
  auto now = std::chrono::steady_clock::now();
  for (size_t i = 0; i < num_workers_; ++i)
    if (auto& x = *workers_[next_worker_++ % num_workers_]; !x.is_held_up(now))
      return x;
  return *workers_[next_worker_++ % num_workers_];
}

scheduler::spreader::spreader(scheduler& owner)
  : execution_unit(&owner.system()),
    all(owner) {
}

void scheduler::spreader::exec_later(caf::resumable* job) {
  all.next_worker().exec_later(job);
}

caf::actor_clock& scheduler::clock() noexcept {
  return *clock_;
}

// -- life cycle ---------------------------------------------------------------

void scheduler::init(caf::actor_system_config& cfg) {
  auto threads = num_workers_;
  abstract_coordinator::init(cfg); // overwrites both numbers
  max_throughput_ = get_or(cfg, "scheduler.max-throughput",
                           default_max_throughput);
  if (threads == 0)
    threads = get_or(cfg, "scheduler.max-threads", size_t{0});
  if (threads == 0)
    threads = count_processors();
  num_workers_ = threads;
  for (size_t i = 0; i < threads; ++i)
    workers_.push_back(
      std::make_unique<worker>(system_, i, max_throughput_, patience_));
  if (threads > 1)
    workers_.push_back(std::make_unique<worker>(
      system_, threads, max_throughput_, patience_, &spreader_));
  clock_ = std::make_unique<net::clock>(control());
}

void scheduler::start() {
  ignore_sigpipe();
  for (auto& w : workers_)
    threads_.emplace_back([this, self = w.get()] { run(*self); });
  abstract_coordinator::start();
}

void scheduler::run(worker& self) {
  CAF_SET_LOGGER_SYS(&system_);
  auto name = "troupe."
              + (self.index() < num_workers_ ? std::to_string(self.index())
                                             : "control");
  caf::detail::set_thread_name(name.c_str());
  system_.thread_started();
  self.run();
  system_.thread_terminates();
}

void scheduler::stop() {
  stop_threads();
  // From here on, whoever is to run is ended instead, on the calling thread.
  for (auto& w : workers_)
    w->end_actors();
  clock_->close();
  // These own sessions, which own actors: they have to go while the rest of the
  // actor system is there.
  for (auto& w : workers_)
    w->drop_handlers();
  stop_actors();
}

void scheduler::stop_threads() {
  for (auto& w : workers_)
    w->stop();
  for (auto& t : threads_)
    if (t.joinable())
      t.join();
}

} // namespace troupe::net
