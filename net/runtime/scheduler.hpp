#pragma once

#include "net/runtime/worker.hpp"

#include <caf/execution_unit.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace troupe::net {

class clock;

/// CAF's scheduler on Asio's threads: one pool for sockets and actors, one
/// io_context per thread (docs/decisions/0001). Loaded by `runtime_config`.
///
/// An actor that is not pinned runs on the thread that last sent it a message
/// while it was idle; there is no work stealing.
///
/// With two or more threads, there is an additional control thread. It runs the
/// registries, the actors for other nodes and the clock, but no user actors,
/// which could block it.
class scheduler final : public caf::scheduler::abstract_coordinator {
public:
  /// @param threads number of workers; 0: `scheduler.max-threads` if set, else
  ///                the number of processors available to this process.
  /// @param patience an actor that blocks a thread for longer is logged.
  /// @param max_queued_bytes see `connection_limits::queued_bytes`.
  explicit scheduler(caf::actor_system& sys, size_t threads = 0,
                     caf::timespan patience = std::chrono::milliseconds{100},
                     size_t max_queued_bytes = 0);
  ~scheduler() override;

  /// Returns the scheduler of `sys`, or null if it is of another type.
  static scheduler* of(caf::actor_system& sys) noexcept;

  /// Returns the workers without the control thread: at least one, the same
  /// from the start to the end of the actor system.
  std::span<const std::unique_ptr<worker>> workers() const noexcept {
    return {workers_.data(), num_workers_};
  }

  /// Returns the workers and the control thread.
  std::span<const std::unique_ptr<worker>> threads() const noexcept {
    return workers_;
  }

  /// Returns the next worker in round-robin order, skipping blocked ones unless
  /// all are. Thread-safe.
  worker& next_worker() noexcept;

  /// Returns the control thread, or the only worker.
  worker& control() const noexcept {
    return *workers_.back();
  }

  /// Returns the control thread of `sys`, or null if its scheduler is of
  /// another type.
  static worker* control(caf::actor_system& sys) noexcept;

  /// Returns what the clients of `at` have to give up. Thread-safe.
  output_excess excess_on(const worker& at) const noexcept;

  /// Returns a description of which threads are blocked and by whom; empty if
  /// none is. Thread-safe.
  std::string held_threads() const;

  // -- abstract_coordinator ---------------------------------------------------

  /// Runs `job` on the calling worker; on the next worker in turn if the
  /// calling thread is not a worker or is the control thread.
  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override;
  void init(caf::actor_system_config& cfg) override;
  void start() override;
  void stop() override;

private:
  /// Runs actors that are woken by actors on the control thread on the next
  /// worker.
  struct spreader final : caf::execution_unit {
    explicit spreader(scheduler& owner);

    void exec_later(caf::resumable* job) override;

    scheduler& all;
  };

  void run(worker& self);
  void stop_threads();

  caf::timespan patience_;
  const size_t max_queued_bytes_;
  spreader spreader_{*this};
  std::unique_ptr<net::clock> clock_;
  /// The last one is the control thread.
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::thread> threads_;
};

} // namespace troupe::net
