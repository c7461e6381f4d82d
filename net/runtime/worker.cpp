#include "net/runtime/worker.hpp"

#include "actors/seams/fast_path.hpp"
#include "base/guarded.hpp"
#include "net/runtime/actor_failures.hpp"
#include "net/runtime/jobs.hpp"
#include "net/runtime/scheduler.hpp"
#include "troupe/log.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_cast.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace troupe::net {

namespace {

using namespace std::chrono_literals;

/// One thread runs the io_context, but the hint 1 costs an echo 8 % more than 2
/// (measured with a prototype; no difference on a busy machine). Hints that
/// disable locking are not possible, since other threads post.
constexpr int concurrency_hint = 2;

/// Time limit for a turn. A turn gathers output and sends it when nothing more
/// is ready. Without a limit, it would never end while something is always
/// ready. This is the delay that a busy server adds to each response.
constexpr auto max_turn_time = 1ms;

/// Time limit for one kind of work (actors, sockets, handlers of the
/// io_context) until the next kind is served. Each kind is served in every
/// turn.
constexpr auto stage_time = 300us;

/// Time limit for one socket or one actor until the next one is served.
constexpr auto share_time = 100us;

/// Time limit for sending at the end of a turn. Sending takes about 5 us per
/// socket, so thousands of sockets would block the thread.
constexpr auto flush_time = 5ms;

/// Number of `flush` calls between two reads of the clock.
constexpr size_t flushes_per_look = 16;

/// Maximum number of actor runs before sockets are served, since asking the
/// kernel for events costs more than a short run.
constexpr size_t steps_between_polls = 64;

/// A turn takes a few milliseconds unless something blocks the thread.
constexpr auto held_up_time = 20ms;

constexpr auto tick_interval = 250ms;

/// Maximum number of `on_tick` calls at a time; this many take 10 us to 50 us
/// if there is nothing to do.
constexpr size_t max_ticks_per_turn = 512;

} // namespace

// -- constructors, destructors ------------------------------------------------

worker::worker(caf::actor_system& sys, size_t index, size_t max_throughput,
               duration patience, caf::execution_unit* others)
  : actors::event_loop(&sys),
    io_(concurrency_hint),
    work_(io_.get_executor()),
    watch_(io_.get_executor(), sockets_.descriptor()),
    host_(others == nullptr ? this : others),
    index_(index),
    max_throughput_(max_throughput),
    throughput_(max_throughput),
    tick_timer_(io_.get_executor()) {
  patience_ = patience;
}

worker::~worker() {
  watch_.release(); // Owned by `sockets_`.
}

worker* worker::current() noexcept {
  return static_cast<worker*>(event_loop::current());
}

bool worker::is_held_up(time_point now) const noexcept {
  auto since = busy_since_.load(std::memory_order_relaxed);
  return now > since && now - since >= held_up_time;
}

// -- end-of-turn requests -----------------------------------------------------

void worker::flush_at_turn_end(flushable& x) {
  assert(is_current());
  if (!x.is_linked())
    flush_.push_back(x);
}

void worker::at_turn_end(caf::strong_actor_ptr who) {
  assert(is_current());
  turn_end_.push_back(std::move(who));
}

void worker::at_turn_end(caf::strong_actor_ptr owner,
                         actors::direct_channel& x) {
  assert(is_current());
  gathered_.emplace_back(std::move(owner), &x);
}

// -- jobs ---------------------------------------------------------------------

void worker::exec_later(caf::resumable* job) {
  if (is_current()) {
    later_.push_back(job);
    return;
  }
  {
    std::unique_lock guard{inbox_mutex_};
    if (is_closed_) {
      guard.unlock();
      discard(job, this);
      return;
    }
    inbox_.push_back(job);
    has_mail_ = true;
  }
  // Wakes the thread once per burst. This thread writes has_mail_ and then
  // reads is_asleep_, `sleep` the other way round, so at least one of them sees
  // what the other wrote.
  if (is_asleep_ && is_asleep_.exchange(false))
    boost::asio::post(io_, [] {});
}

void worker::take_inbox() {
  if (!has_mail_.load(std::memory_order_relaxed))
    return;
  std::unique_lock guard{inbox_mutex_};
  has_mail_ = false;
  later_.insert(later_.end(), inbox_.begin(), inbox_.end());
  inbox_.clear();
}

bool worker::has_jobs() const noexcept {
  return next_ < pass_.size() || !later_.empty();
}

caf::resumable* worker::next_job() noexcept {
  if (next_ == pass_.size()) {
    pass_.clear();
    next_ = 0;
    pass_.swap(later_);
    if (pass_.empty())
      return nullptr;
  }
  return pass_[next_++];
}

void worker::resume(caf::resumable* job) {
  auto result = caf::resumable::done;
  auto began = now();
  watch_for_failures(*job);
  // CAF catches exceptions of message handlers. Exceptions that arrive here
  // come from elsewhere, such as `on_exit`, and leave the actor in an undefined
  // state.
  auto returned = guarded("runtime", "an actor", [&] {
    occupied here{*this, occupant_of(*job)};
    result = job->resume(host_, throughput_);
  });
  watch(began, [job] { return name_of(*job); });
  adapt_throughput(now() - began);
  if (!returned)
    discard(job, host_);
  else if (result == caf::resumable::resume_later)
    later_.push_back(job);
  else // Only CAF's own coordinators shut down a worker by a job's result.
    intrusive_ptr_release(job);
}

/// CAF limits an actor's run by messages, not by time. Allows fewer messages if
/// they take long.
void worker::adapt_throughput(duration spent) noexcept {
  if (spent > share_time)
    throughput_ = std::max(
      size_t{1}, static_cast<size_t>(throughput_ * share_time / spent));
  else if (throughput_ < max_throughput_)
    ++throughput_;
}

void worker::tell_held_up(std::string_view who, duration time) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time);
  std::string line = "thread " + std::to_string(index_) + " was held for "
                     + std::to_string(ms.count()) + " ms by ";
  log_limited(log_level::warning, {.category = "runtime"}, line.append(who));
}

// -- turns --------------------------------------------------------------------

void worker::run() {
  current_ = this;
  while (!is_stopping_) {
    sleep();
    turn();
  }
  turn(); // Handles what was sent before `stop` was called.
  current_ = nullptr;
}

void worker::stop() {
  is_stopping_ = true;
  boost::asio::post(io_, [] {});
}

void worker::sleep() {
  woken_by_sockets_ = false;
  if (has_jobs() || !gathered_.empty() || !turn_end_.empty() || !flush_.empty()
      || sockets_.is_pending())
    return; // The last turn left work.
  watch_sockets();
  busy_since_.store(time_point::max(), std::memory_order_relaxed);
  is_asleep_ = true;
  if (!has_mail_)
    guarded("runtime", "a completion handler", [this] { io_.run_one(); });
  is_asleep_.store(false, std::memory_order_relaxed);
}

void worker::turn() {
  auto began = clock().read();
  busy_since_.store(began, std::memory_order_relaxed);
  auto more = false;
  do {
    // Actors come first: `sleep` has already run a handler, so a turn with a
    // single message needs a single poll.
    take_inbox();
    run_actors();
    more = serve_sockets();
    // After a wake-up by sockets only, the usual case under load, Asio's system
    // call is left to the next turn.
    if (!woken_by_sockets_)
      more = serve_handlers() || more;
    more = more || has_jobs() || has_mail_;
  } while (more && now() - began < max_turn_time);
  end_turn();
  flush();
  counters_.turns.add(static_cast<uint64_t>((now() - began).count()));
}

void worker::run_actors() {
  if (!has_jobs())
    return;
  auto end = now() + stage_time;
  for (size_t i = 0; i < steps_between_polls && now() < end; ++i) {
    auto* job = next_job();
    if (job == nullptr)
      return;
    resume(job);
  }
}

/// @returns whether there may be more.
bool worker::serve_sockets() {
  auto t = now();
  auto more = true;
  for (auto end = t + stage_time; more && t < end; t = now())
    guarded("runtime", "a socket",
            [&] { // Continues with the next socket after an exception.
              for (; more && t < end; t = now()) {
                share_end_ = t + share_time;
                more = sockets_.poll_one();
              }
            });
  return more;
}

/// @returns whether there may be more.
bool worker::serve_handlers() {
  auto end = now() + stage_time;
  while (now() < end) {
    auto some = true;
    guarded("runtime", "a completion handler",
            [&] { some = io_.poll_one() > 0; });
    if (!some)
      return false;
  }
  return true;
}

/// Lets socket events end the next `sleep`.
void worker::watch_sockets() {
  if (std::exchange(is_watching_, true))
    return;
  watch_.async_wait(watch_.wait_read, [this](boost::system::error_code) {
    is_watching_ = false;
    woken_by_sockets_ = true;
  });
}

/// Flushes the rooms; messages gathered meanwhile wait for the next turn.
void worker::send_off() {
  auto gathered = std::exchange(gathered_, {});
  for (auto& [owner, x] : gathered)
    guarded("runtime", "a room", [room = x] { room->flush(); });
}

void worker::end_turn() {
  ++turns_;
  send_off();
  if (turn_end_.empty() && !has_jobs())
    return;
  told_.swap(turn_end_); // Requests made from now on are for the next turn.
  for (auto& who : told_)
    who->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                                           actors::turn_end{}),
                 this);
  told_.clear();
  for (auto end = now() + max_turn_time; now() < end;) {
    auto* job = next_job();
    if (job == nullptr)
      return;
    resume(job);
  }
}

void worker::flush() {
  // A separate list, so that flushed objects may unlink or request another
  // call.
  list<flushable> waiting;
  waiting.swap(flush_);
  for (auto end = now() + flush_time; !waiting.empty() && now() < end;)
    guarded("runtime", "a flush", [&waiting] {
      for (size_t i = 0; i < flushes_per_look && !waiting.empty(); ++i) {
        auto& x = waiting.front();
        waiting.pop_front();
        x.flush();
      }
    });
  flush_.splice(flush_.begin(), waiting); // The next turn continues with these.
}

// -- ticks --------------------------------------------------------------------

void worker::add(tickable& x) {
  assert(is_current());
  if (!x.is_linked())
    tickables_.push_back(x);
  if (!is_ticking_)
    start_ticking();
}

void worker::start_ticking() {
  is_ticking_ = true;
  tick_timer_.expires_after(tick_interval);
  tick_timer_.async_wait([this](const boost::system::error_code& ec) {
    if (ec)
      return;
    due_.splice(due_.end(), tickables_);
    if (auto* all = scheduler::of(system()))
      excess_ = all->excess_on(*this);
    tick();
  });
}

void worker::tick() {
  for (size_t i = 0; i < max_ticks_per_turn && !due_.empty(); ++i) {
    auto& x = due_.front();
    due_.pop_front();
    tickables_.push_back(x);
    guarded("runtime", "on_tick", [&] { x.on_tick(now()); });
  }
  if (!due_.empty()) {
    boost::asio::post(io_, [this] { tick(); });
    return;
  }
  auto output = std::exchange(output_, {});
  is_ticking_ = !tickables_.empty();
  if (is_ticking_)
    start_ticking();
  else
    output = {}; // An idle worker has no timer running.
  counters_.queued_bytes.set(output.bytes);
  counters_.congested.set(output.congested);
}

// -- the end ------------------------------------------------------------------

void worker::end_actors() {
  std::vector<caf::resumable*> jobs;
  {
    std::unique_lock guard{inbox_mutex_};
    is_closed_ = true;
    jobs.swap(inbox_);
  }
  for (auto* job = next_job(); job != nullptr; job = next_job())
    jobs.push_back(job);
  for (auto* job : jobs)
    discard(job, this);
  std::exchange(gathered_, {}).clear();
  std::exchange(turn_end_, {}).clear();
}

void worker::drop_handlers() {
  tickables_.splice(tickables_.end(), due_);
  while (!tickables_.empty()) {
    auto& x = tickables_.front();
    tickables_.pop_front();
    x.on_worker_end();
  }
  io_.drop_handlers();
}

} // namespace troupe::net
