#pragma once

#include "actors/seams/coarse_clock.hpp"
#include "actors/seams/counter.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/execution_unit.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace troupe::actors {

class direct_channel;

/// The actor that is running on an event loop.
struct occupant {
  caf::actor_id id = 0; ///< 0 if no actor is running.
  const char* name = "";
};

/// Members of a room that receive a message, from 1 to 65 536.
using recipients_histogram = histogram<std::array<uint64_t, 9>{
  1, 4, 16, 64, 256, 1024, 4096, 16'384, 65'536}>;

/// A thread of the runtime as its actors see it: an execution unit that works
/// in turns. In a turn, it runs the runnable actors and processes the input
/// that is ready, and repeats this until nothing is left or a time limit is
/// reached. Then it does what was requested for the end of the turn.
/// Implemented by net/runtime/worker.hpp. Under CAF's own schedulers there are
/// no event loops, and an `event_loop*` is null.
class event_loop : public caf::execution_unit {
public:
  using caf::execution_unit::execution_unit;

  /// Makes `job` runnable on this thread. Thread-safe, unlike the function of
  /// the base class. Takes no lock on this thread; on other threads, wakes this
  /// one once per burst.
  void exec_later(caf::resumable* job) override = 0;

  /// Returns the event loop of the calling thread; null if it has none.
  static event_loop* current() noexcept {
    return current_;
  }

  /// Returns whether the calling thread is this one.
  bool is_current() const noexcept {
    return current_ == this;
  }

  /// Returns the clock of this thread. Call on this thread only.
  coarse_clock& clock() noexcept {
    return clock_;
  }

  /// Returns the members that messages of rooms had when this thread sent them
  /// off. To be read on any thread, to be changed on this one.
  recipients_histogram& recipients() noexcept {
    return recipients_;
  }

  /// Logs a piece of work that has held up this thread for too long. Call on
  /// this thread when the work is done.
  /// @param since the time of `clock()` when the work began.
  /// @param who   `() -> std::string`, describes the work; called only if it
  ///              took too long.
  template <class F>
  void watch(coarse_clock::time_point since, F who) {
    if (auto time = clock_.now() - since; time >= patience_)
      tell_held_up(who(), time);
  }

  /// Sends `turn_end` to `who` at the end of this turn. Call on this thread
  /// only.
  virtual void at_turn_end(caf::strong_actor_ptr who) = 0;

  /// Calls `x.flush()` at the end of this turn, before any `turn_end` is sent.
  /// Call on this thread only.
  /// @param owner keeps `x` alive until then.
  virtual void at_turn_end(caf::strong_actor_ptr owner, direct_channel& x) = 0;

  /// Returns the number of the current turn. What is done at the end of a turn
  /// counts as part of the next one. Call on this thread only.
  uint64_t turns() const noexcept {
    return turns_;
  }

  /// Returns the actor that is running on this thread. Thread-safe. The result
  /// is only a hint on other threads, which use it to name actors that do not
  /// return.
  occupant running() const noexcept {
    return {running_id_.load(std::memory_order_relaxed),
            running_name_.load(std::memory_order_relaxed)};
  }

  /// Makes `running` return `who` during its lifetime, and the previous
  /// occupant afterwards.
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

  /// Logs that `who` has held up this thread for `time`.
  virtual void tell_held_up(std::string_view who, duration time) = 0;

  /// Set by a thread that starts to run as an event loop, and reset when it
  /// stops.
  static constinit inline thread_local event_loop* current_ = nullptr;

  duration patience_ = duration::max(); ///< Limit for `watch`.
  uint64_t turns_ = 0;

private:
  void run(occupant who) noexcept {
    running_id_.store(who.id, std::memory_order_relaxed);
    running_name_.store(who.name, std::memory_order_relaxed);
  }

  coarse_clock clock_;
  recipients_histogram recipients_;
  std::atomic<caf::actor_id> running_id_ = 0;
  std::atomic<const char*> running_name_ = "";
};

/// Sent by an event loop to an actor at the end of a turn (see
/// `event_loop::at_turn_end`). Under CAF's own schedulers, actors send it to
/// themselves.
struct turn_end {};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::turn_end)
