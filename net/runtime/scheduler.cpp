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

/// Number of messages that an actor handles before the sockets of its thread
/// are served again. CAF's default is unlimited.
constexpr size_t default_max_throughput = 100;

/// Returns the number of processors this process may run on. In a container or
/// under taskset, these are fewer than the machine has.
size_t count_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0)
    return std::max(1u, std::thread::hardware_concurrency());
  return static_cast<size_t>(CPU_COUNT(&set));
}

/// Makes writing to a closed connection fail with EPIPE instead of ending the
/// process: writev and OpenSSL do not support MSG_NOSIGNAL. Does not replace a
/// handler of the application.
void ignore_sigpipe() {
  struct sigaction current = {};
  if (sigaction(SIGPIPE, nullptr, &current) == 0
      && current.sa_handler == SIG_DFL)
    std::signal(SIGPIPE, SIG_IGN);
}

} // namespace

scheduler::scheduler(caf::actor_system& sys, size_t threads,
                     caf::timespan patience, size_t max_queued_bytes)
  : abstract_coordinator(sys),
    patience_(patience),
    max_queued_bytes_(max_queued_bytes > 0 ? max_queued_bytes
                                           : default_output_limit()) {
  num_workers_ = threads;
}

scheduler::~scheduler() {
  stop_threads(); // Not called yet if the actor system's constructor threw.
  if (clock_)
    clock_->close(); // The timer needs its worker.
  workers_.clear();  // Destroys actors, which still call the clock.
}

scheduler* scheduler::of(caf::actor_system& sys) noexcept {
  return dynamic_cast<scheduler*>(&sys.scheduler());
}

worker* scheduler::control(caf::actor_system& sys) noexcept {
  auto* self = of(sys);
  return self == nullptr ? nullptr : &self->control();
}

output_excess scheduler::excess_on(const worker& at) const noexcept {
  waiting_output all;
  for (const auto& x : workers()) {
    all.bytes += x->counters().queued_bytes.value();
    all.congested += x->counters().congested.value();
  }
  return find_excess(max_queued_bytes_, all,
                     at.counters().queued_bytes.value());
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
  // The calling worker may belong to another actor system.
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
  // From here on, runnable actors are terminated instead, on the calling
  // thread.
  for (auto& w : workers_)
    w->end_actors();
  clock_->close();
  // Handlers own sessions, which own actors. They must be destroyed while the
  // rest of the actor system exists.
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
