#pragma once

#include "actors/seams/event_loop.hpp"
#include "net/runtime/poller.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
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

/// Output that waits for the end of the turn. Owned by its session; leaves the
/// list by itself when destroyed.
class flushable
  : public boost::intrusive::list_base_hook<
      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  /// Hands everything gathered to the kernel. An exception is logged and goes
  /// no further.
  virtual void flush() = 0;

protected:
  ~flushable() = default;
};

/// Something with deadlines, asked about four times a second instead of owning
/// a timer (a timer per operation costs 15 % of an echo).
class tickable : public boost::intrusive::list_base_hook<
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// May unlink or destroy itself and others, and add new ones. An exception
  /// is logged and goes no further.
  virtual void on_tick(time_point now) = 0;

  /// The worker is gone and nobody will call again: lets go of what keeps it
  /// alive. Not unlinked any more.
  virtual void on_worker_end() {
  }

protected:
  ~tickable() = default;
};

/// One runtime thread: an io_context and the actors pinned to it, run in turns
/// (docs/decisions/0001). Members are for this thread unless they say
/// otherwise.
class worker final : public actors::event_loop {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using io_executor = boost::asio::io_context::executor_type;

  /// Asio's steady_timer without its type-erased executor.
  using timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>, io_executor>;

  /// @param max_throughput messages an actor may take in at a time.
  /// @param patience who holds this thread for longer is named in the log.
  /// @param others   where those run that actors here wake and that are not
  ///                 pinned; null: here.
  worker(caf::actor_system& sys, size_t index, size_t max_throughput,
         duration patience, caf::execution_unit* others = nullptr);
  ~worker() override;
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// The calling thread's worker; null on any other thread.
  static worker* current() noexcept;

  /// Thread-safe, as `post` to it is.
  boost::asio::io_context& io() noexcept {
    return io_;
  }

  /// Thread-safe.
  size_t index() const noexcept {
    return index_;
  }

  /// Exact to some ten microseconds, and never before the turn began.
  time_point now() noexcept {
    return clock().now();
  }

  /// Whether the socket that is served right now has had its share of the turn:
  /// with more to do, it asks `sockets()` for another call. Cheap.
  bool is_share_spent() noexcept {
    return now() >= share_end_;
  }

  /// Whether this thread has been busy with one turn for so long that something
  /// must hold it. Thread-safe.
  bool is_held_up(time_point now) const noexcept;

  /// Calls `x.flush()` when the turn is over; once, however often it is asked.
  /// What `flush` itself asks for comes with the next turn, which starts at
  /// once.
  void flush_at_turn_end(flushable& x);

  /// Calls `x.on_tick` about every 250 ms until `x` is destroyed or unlinked.
  void add(tickable& x);

  /// The sockets of all connections; those that listen are Asio's.
  poller& sockets() noexcept {
    return sockets_;
  }

  // -- event loop, callable from any thread but for at_turn_end ---------------------

  void exec_later(caf::resumable* job) override;
  void at_turn_end(caf::strong_actor_ptr who) override;
  void at_turn_end(caf::strong_actor_ptr owner,
                   actors::direct_channel& x) override;

  // -- life cycle, called by the scheduler ------------------------------------

  /// Runs turns until `stop`, and then one more. Call on the thread that is to
  /// be this worker.
  void run();

  /// Lets `run` return. Thread-safe.
  void stop();

  /// Ends the actors that wait to run, and from now on whoever is to run here.
  /// Call when no worker runs any more.
  void end_actors();

  /// Destroys the pending completion handlers and what they own. The
  /// io_context stays: sockets may be destroyed later. Call after `end_actors`
  /// of all workers.
  void drop_handlers();

private:
  /// `shutdown` destroys the handlers alone; only a derived class may call it.
  struct io_loop : boost::asio::io_context {
    using boost::asio::io_context::io_context;

    void drop_handlers() {
      shutdown();
    }
  };

  template <class T>
  using list
    = boost::intrusive::list<T, boost::intrusive::constant_time_size<false>>;

  // -- jobs, each with a reference that `resume` gives back -------------------

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

  // -- this thread's own ------------------------------------------------------

  io_loop io_;
  boost::asio::executor_work_guard<io_executor> work_;
  poller sockets_;
  boost::asio::posix::basic_stream_descriptor<io_executor>
    watch_; ///< Of `sockets_`.
  bool is_watching_ = false;
  bool woken_by_sockets_ = false;
  caf::execution_unit* const host_; ///< What actors here know.
  const size_t index_;
  const size_t max_throughput_;
  size_t throughput_; ///< Less than that while messages take long.
  time_point share_end_;

  std::vector<caf::resumable*> pass_;  ///< The jobs of the pass under way.
  size_t next_ = 0;                    ///< The first of them still to run.
  std::vector<caf::resumable*> later_; ///< The pass after it.

  /// What rooms have taken in on this thread, with who keeps it.
  std::vector<std::pair<caf::strong_actor_ptr, actors::direct_channel*>>
    gathered_;
  std::vector<caf::strong_actor_ptr> turn_end_; ///< Who asked for the message.
  std::vector<caf::strong_actor_ptr> told_;     ///< Who gets it right now.
  list<flushable> flush_;

  timer tick_timer_;
  bool is_ticking_ = false;
  list<tickable> tickables_;
  list<tickable> due_; ///< Those whose tick is still to come in this round.

  // -- shared with other threads, thus on a cache line of its own -------------

  alignas(64) std::mutex inbox_mutex_;
  std::vector<caf::resumable*> inbox_;
  bool is_closed_ = false; ///< Guarded by the mutex, too.
  std::atomic<bool> has_mail_ = false;
  std::atomic<bool> is_asleep_ = false;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<time_point> busy_since_ = time_point::max(); ///< Asleep: `max`.
};

} // namespace troupe::net
