#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/execution_unit.hpp>

namespace troupe::actors {

/// The thread an actor is pinned to, as the actor sees it: an execution unit
/// that works in turns. A turn is: the input that is ready, then all runnable
/// actors, again until nothing more is ready or a budget is spent; then what
/// was put off to the turn's end. Implemented by net/worker.hpp; under CAF's
/// own schedulers there is none and actors do without (a null `home*`).
class home : public caf::execution_unit {
public:
  using caf::execution_unit::execution_unit;

  /// Makes `job` runnable on this thread. Unlike its base's, callable from any
  /// thread: without a lock from this one, else with one wake-up per burst.
  void exec_later(caf::resumable* job) override = 0;

  /// The calling thread; null if it is not one of these.
  static home* current() noexcept {
    return current_;
  }

  /// Whether the calling thread is this one.
  bool is_current() const noexcept {
    return current_ == this;
  }

  /// Sends `turn_end{}` to `who` when this turn has nothing left to run.
  /// Call on this thread only.
  virtual void at_turn_end(caf::strong_actor_ptr who) = 0;

protected:
  /// Set by a thread that begins to be a home, and null again at its end.
  static constinit inline thread_local home* current_ = nullptr;
};

/// Tells an actor that its turn is over (see `home::at_turn_end`).
struct turn_end {};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::turn_end)
