#pragma once

#include "actors/seams/event_loop.hpp"
#include "net/runtime/io_timer.hpp"
#include "net/runtime/output_limit.hpp"
#include "net/runtime/poller.hpp"
#include "net/runtime/thread_counters.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <vector>

namespace troupe::net {

/// Output that is sent at the end of the turn. Owned by its session; its
/// destructor removes it from the list.
class flushable
  : public boost::intrusive::list_base_hook<
      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  /// Passes everything queued to the kernel. Called at the end of the turn.
  /// Exceptions are logged and not propagated.
  virtual void flush() = 0;

protected:
  ~flushable() = default;
};

/// An object with deadlines. A worker calls it about four times a second, since
/// a timer per operation would cost 15 % of an echo.
class tickable : public boost::intrusive::list_base_hook<
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Called about four times a second. May unlink or destroy this and other
  /// objects, and add new ones. Exceptions are logged and not propagated.
  virtual void on_tick(time_point now) = 0;

  /// Called when the worker has ended and makes no more calls; the object is
  /// unlinked. Releases whatever keeps the object alive.
  virtual void on_worker_end() {
  }

protected:
  ~tickable() = default;
};

/// A runtime thread: an io_context and the actors pinned to it, run in turns
/// (docs/decisions/0001). Members are for this thread unless documented
/// otherwise.
class worker final : public actors::event_loop {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using timer = io_timer;

  /// @param max_throughput maximum number of messages an actor handles at a
  ///                       time.
  /// @param patience an actor that blocks this thread for longer is logged.
  /// @param others runs actors that are not pinned and are woken by actors
  ///               here; null: this worker runs them.
  worker(caf::actor_system& sys, size_t index, size_t max_throughput,
         duration patience, caf::execution_unit* others = nullptr);
  ~worker() override;
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// Returns the worker of the calling thread, or null on any other thread.
  static worker* current() noexcept;

  /// Returns the io_context. Thread-safe, as is posting to it.
  boost::asio::io_context& io() noexcept {
    return io_;
  }

  /// Returns the position among the workers. Thread-safe.
  size_t index() const noexcept {
    return index_;
  }

  /// Returns the time, accurate to some ten microseconds and never before the
  /// beginning of the turn.
  time_point now() noexcept {
    return clock().now();
  }

  /// Returns whether the socket that is being served has used up its share of
  /// the turn. If it has more to do, it calls `sockets().call`. Cheap.
  bool is_share_spent() noexcept {
    return now() >= share_end_;
  }

  /// Returns whether this thread has been busy with one turn for so long that
  /// it must be blocked. Thread-safe.
  bool is_held_up(time_point now) const noexcept;

  /// Calls `x.flush()` once at the end of the turn, however often it is
  /// requested. A request made by `flush` itself is for the next turn, which
  /// starts at once.
  void flush_at_turn_end(flushable& x);

  /// Calls `x.on_tick` about every 250 ms until `x` is destroyed or unlinked.
  void add(tickable& x);

  /// Notes the output that waits for one client. Each session calls this in
  /// `on_tick`; `counters` has the sums of the last round of ticks.
  /// @returns whether the client has to give it up, since the output of all
  ///          connections exceeds its limit.
  bool note_output(size_t bytes, bool is_congested) noexcept {
    output_.bytes += bytes;
    output_.congested += is_congested ? 1 : 0;
    return excess_.take(bytes);
  }

  /// Returns the poller for the sockets of connections and of HTTP ports.
  poller& sockets() noexcept {
    return sockets_;
  }

  /// Returns what this worker has done. To be read on any thread, to be changed
  /// on this one.
  const thread_counters& counters() const noexcept {
    return counters_;
  }

  thread_counters& counters() noexcept {
    return counters_;
  }

  // -- event_loop, thread-safe except at_turn_end -----------------------------

  void exec_later(caf::resumable* job) override;
  void at_turn_end(caf::strong_actor_ptr who) override;
  void at_turn_end(caf::strong_actor_ptr owner,
                   actors::direct_channel& x) override;

  // -- life cycle, called by the scheduler ------------------------------------

  /// Runs turns until `stop` is called, then one more. Blocks; the calling
  /// thread becomes this worker's thread.
  void run();

  /// Makes `run` return. Thread-safe.
  void stop();

  /// Terminates the actors that wait to run, and from now on any actor that
  /// becomes runnable here. Call when no worker runs anymore.
  void end_actors();

  /// Destroys pending completion handlers and the objects they own. The
  /// io_context remains, since sockets may be destroyed later. Call after
  /// `end_actors` of all workers.
  void drop_handlers();

private:
  /// Makes `shutdown`, which destroys all handlers, accessible; it is
  /// protected.
  struct io_loop : boost::asio::io_context {
    using boost::asio::io_context::io_context;

    void drop_handlers() {
      shutdown();
    }
  };

  template <class T>
  using list
    = boost::intrusive::list<T, boost::intrusive::constant_time_size<false>>;

  // -- jobs, each with a reference that `resume` releases ---------------------

  void take_inbox();
  bool has_jobs() const noexcept;
  caf::resumable* next_job() noexcept;
  void resume(caf::resumable* job);
  void adapt_throughput(duration spent) noexcept;
  void tell_held_up(std::string_view who, duration time) override;

  // -- turns, in the order of their steps -------------------------------------

  void sleep();
  void turn();
  void run_actors();
  bool serve_sockets();
  bool serve_handlers();
  void watch_sockets();
  void end_turn();
  void send_off();
  void flush();

  // -- ticks ------------------------------------------------------------------

  void start_ticking();
  void tick();

  // -- for this thread only ---------------------------------------------------

  io_loop io_;
  boost::asio::executor_work_guard<io_executor> work_;
  poller sockets_;
  boost::asio::posix::basic_stream_descriptor<io_executor>
    watch_; ///< Watches the descriptor of `sockets_`.
  bool is_watching_ = false;
  bool woken_by_sockets_ = false;
  /// The execution unit that actors here see.
  caf::execution_unit* const host_;
  const size_t index_;
  const size_t max_throughput_;
  size_t throughput_; ///< Reduced while messages take long.
  time_point share_end_;

  std::vector<caf::resumable*> pass_;  ///< Jobs of the current pass.
  size_t next_ = 0;                    ///< Index of the next job in `pass_`.
  std::vector<caf::resumable*> later_; ///< Jobs of the next pass.

  /// Rooms that gathered messages from this thread, each with its owner.
  std::vector<std::pair<caf::strong_actor_ptr, actors::direct_channel*>>
    gathered_;
  std::vector<caf::strong_actor_ptr> turn_end_; ///< Receivers of `turn_end`.
  /// Receivers of the current `end_turn`.
  std::vector<caf::strong_actor_ptr> told_;
  list<flushable> flush_;

  timer tick_timer_;
  bool is_ticking_ = false;
  list<tickable> tickables_;
  list<tickable> due_; ///< Objects still to be called in this round.

  waiting_output output_; ///< What was noted in this round of ticks.
  output_excess excess_;  ///< What has to be given up in this round.

  thread_counters counters_;

  // -- shared with other threads, on a separate cache line --------------------

  alignas(64) std::mutex inbox_mutex_;
  std::vector<caf::resumable*> inbox_;
  bool is_closed_ = false; ///< Guarded by `inbox_mutex_`, as `inbox_` is.
  std::atomic<bool> has_mail_ = false;
  std::atomic<bool> is_asleep_ = false;
  std::atomic<bool> is_stopping_ = false;
  /// `max` while asleep.
  std::atomic<time_point> busy_since_ = time_point::max();
};

} // namespace troupe::net
