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
/// An actor that is not pinned runs on the thread that last sent it something
/// while it had nothing to do; there is no stealing.
///
/// With two threads or more there is one besides, the control thread, which
/// runs no handlers of users, so that none holds it: registries live there,
/// what knows other nodes, and the clock.
class scheduler final : public caf::scheduler::abstract_coordinator {
public:
  /// @param threads 0: `scheduler.max-threads` if that is set, else as many as
  ///                this process has processors.
  /// @param patience who holds a thread for longer is named in the log.
  explicit scheduler(caf::actor_system& sys, size_t threads = 0,
                     caf::timespan patience = std::chrono::milliseconds{100});
  ~scheduler() override;

  /// The scheduler of `sys`; null if that one is not ours.
  static scheduler* of(caf::actor_system& sys) noexcept;

  /// At least one, the same from the start of the actor system to its end.
  std::span<const std::unique_ptr<worker>> workers() const noexcept {
    return {workers_.data(), num_workers_};
  }

  /// The next worker in turn, of those that come round if any does.
  /// Thread-safe.
  worker& next_worker() noexcept;

  /// The control thread; the worker if there is only one.
  worker& control() const noexcept {
    return *workers_.back();
  }

  /// The same of `sys`; null if its scheduler is not ours.
  static worker* control(caf::actor_system& sys) noexcept;

  /// In words, which threads are held up and by whom; empty if none is.
  /// Thread-safe.
  std::string held_threads() const;

  // -- abstract_coordinator ---------------------------------------------------

  /// On a worker's thread: makes `job` runnable there. Else, the control thread
  /// included: on the next worker in turn.
  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override;
  void init(caf::actor_system_config& cfg) override;
  void start() override;
  void stop() override;

private:
  /// What actors on the control thread wake runs elsewhere.
  struct spreader final : caf::execution_unit {
    explicit spreader(scheduler& owner);

    void exec_later(caf::resumable* job) override;

    scheduler& all;
  };

  void run(worker& self);
  void stop_threads();

  caf::timespan patience_;
  spreader spreader_{*this};
  std::unique_ptr<net::clock> clock_;
  std::vector<std::unique_ptr<worker>> workers_; ///< The last is `control`.
  std::vector<std::thread> threads_;
};

} // namespace troupe::net
