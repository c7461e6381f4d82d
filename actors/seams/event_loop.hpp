#pragma once

#include "actors/seams/coarse_clock.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/execution_unit.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace troupe::actors {

class direct_channel;

/// An actor that runs, by number and name.
struct occupant {
  caf::actor_id id = 0; ///< 0: nobody runs.
  const char* name = "";
};

/// The thread an actor is pinned to, as the actor sees it: an execution unit
/// that works in turns. A turn is: the input that is ready, then all runnable
/// actors, again until nothing more is ready or a budget is spent; then what
/// was put off to the turn's end. Implemented by net/runtime/worker.hpp; under
/// CAF's own schedulers there is none and actors do without (a null
/// `event_loop*`).
class event_loop : public caf::execution_unit {
public:
  using caf::execution_unit::execution_unit;

  /// Makes `job` runnable on this thread. Unlike its base's, callable from any
  /// thread: without a lock from this one, else with one wake-up per burst.
  void exec_later(caf::resumable* job) override = 0;

  /// The calling thread; null if it is not one of these.
  static event_loop* current() noexcept {
    return current_;
  }

  /// Whether the calling thread is this one.
  bool is_current() const noexcept {
    return current_ == this;
  }

  /// This thread's; for it alone.
  coarse_clock& clock() noexcept {
    return clock_;
  }

  /// Tells the log if whoever runs here held the thread for too long. Call on
  /// this thread when it is over.
  /// @param since when it began, as `clock()` had it.
  /// @param who `() -> std::string`, asked only if it was too long.
  template <class F>
  void watch(coarse_clock::time_point since, F who) {
    if (auto time = clock_.now() - since; time >= patience_)
      tell_held_up(who(), time);
  }

  /// Sends `turn_end{}` to `who` when this turn has nothing left to run.
  /// Call on this thread only.
  virtual void at_turn_end(caf::strong_actor_ptr who) = 0;

  /// Calls `x.flush()` then, before anybody is told. Call on this thread only.
  /// @param owner keeps `x` until then.
  virtual void at_turn_end(caf::strong_actor_ptr owner, direct_channel& x) = 0;

  /// Counts turns; the end of one belongs to the next. For this thread alone.
  uint64_t turns() const noexcept {
    return turns_;
  }

  /// Who runs here right now. Thread-safe; on other threads a hint only, good
  /// for naming who does not come to an end.
  occupant running() const noexcept {
    return {running_id_.load(std::memory_order_relaxed),
            running_name_.load(std::memory_order_relaxed)};
  }

  /// While it lives, `running` tells of `who`; then of the one before.
  class occupied {
  public:
    occupied(event_loop& at, occupant who) noexcept
      : at_(at),
        before_(at.running()) {
      at_.run(who);
    }

    occupied(const occupied&) = delete;
    occupied& operator=(const occupied&) = delete;

    ~occupied() {
      at_.run(before_);
    }

  private:
    event_loop& at_;
    occupant before_;
  };

protected:
  using duration = coarse_clock::time_point::duration;

  /// `who` held this thread for `time`.
  virtual void tell_held_up(std::string_view who, duration time) = 0;

  /// Set by a thread that begins to be an event loop, and null again at its
  /// end.
  static constinit inline thread_local event_loop* current_ = nullptr;

  duration patience_ = duration::max(); ///< With who holds this thread.
  uint64_t turns_ = 0;

private:
  void run(occupant who) noexcept {
    running_id_.store(who.id, std::memory_order_relaxed);
    running_name_.store(who.name, std::memory_order_relaxed);
  }

  coarse_clock clock_;
  std::atomic<caf::actor_id> running_id_ = 0;
  std::atomic<const char*> running_name_ = "";
};

/// Tells an actor that its turn is over (see `event_loop::at_turn_end`).
struct turn_end {};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::turn_end)
