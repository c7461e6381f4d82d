#include "net/runtime/stop_signals.hpp"

#include "troupe/log.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include <pthread.h>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

/// Time limit for writing log lines after the second signal; too short to
/// notice.
constexpr auto flush_time_after_signal = 100ms;

/// Maximum time to wait if there is no time limit.
constexpr auto long_time = 1h;

std::string name_of(int signal) {
  return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

[[noreturn]] void end_at_once(int signal) {
  log(log_level::warning, {.category = "runtime"},
      name_of(signal) + " again: the process ends at once");
  flush_log(flush_time_after_signal);
  // Skips destructors: they would wait for what blocks the shutdown.
  std::_Exit(128 + signal);
}

timespec to_timespec(std::chrono::nanoseconds x) {
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(x);
  return {seconds.count(), (x - seconds).count()};
}

} // namespace

stop_signals::stop_signals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGINT);
  sigaddset(&set_, SIGTERM);
  struct sigaction hang_up {};
  if (sigaction(SIGHUP, nullptr, &hang_up) == 0
      && hang_up.sa_handler != SIG_IGN)
    sigaddset(&set_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  thread_ = std::thread{[this] { run(); }};
}

stop_signals::~stop_signals() {
  {
    std::lock_guard guard{mutex_};
    is_over_ = true;
  }
  poke();
  thread_.join();
}

auto stop_signals::wait_for(std::chrono::nanoseconds time) -> event {
  std::unique_lock guard{mutex_};
  changed_.wait_for(guard, time,
                    [this] { return is_requested_ || has_hung_up_; });
  auto hung_up = std::exchange(has_hung_up_, false);
  if (is_requested_)
    return event::stop;
  return hung_up ? event::hang_up : event::time_out;
}

void stop_signals::request() {
  std::lock_guard guard{mutex_};
  is_requested_ = true;
  changed_.notify_all();
}

void stop_signals::limit(time_point end, std::function<void()> f) {
  {
    std::lock_guard guard{mutex_};
    end_ = end;
    at_end_ = std::move(f);
  }
  poke();
}

// -- the thread ---------------------------------------------------------------

void stop_signals::run() {
  pthread_setname_np(pthread_self(), "troupe.signals");
  for (;;) {
    auto signal = next();
    std::lock_guard guard{mutex_};
    if (is_over_)
      return;
    if (signal != 0)
      on_signal(signal);
    else if (end_ && *end_ <= std::chrono::steady_clock::now()) {
      end_.reset();
      at_end_();
    }
  }
}

/// Waits for a signal, the time limit or a `poke`.
/// @returns the signal, or 0.
int stop_signals::next() {
  auto time = std::chrono::nanoseconds{long_time};
  {
    std::lock_guard guard{mutex_};
    if (is_over_)
      return 0;
    if (end_)
      time = std::clamp(
        std::chrono::nanoseconds{*end_ - std::chrono::steady_clock::now()}, 0ns,
        time);
  }
  auto left = to_timespec(time);
  siginfo_t info = {};
  auto signal = sigtimedwait(&set_, &info, &left);
  auto is_poke = info.si_code == SI_QUEUE && info.si_value.sival_ptr == this;
  return signal < 0 || is_poke ? 0 : signal;
}

/// Handles a signal. Call with the mutex held.
void stop_signals::on_signal(int signal) {
  if (signal == SIGHUP)
    has_hung_up_ = true;
  else if (++received_ > 1)
    end_at_once(signal);
  else
    is_requested_ = true;
  changed_.notify_all();
}

/// Wakes the thread, so that it reads the members again. Uses a signal to the
/// thread, which does not replace a pending signal of the process.
void stop_signals::poke() {
  sigval who = {};
  who.sival_ptr = this;
  pthread_sigqueue(thread_.native_handle(), SIGTERM, who);
}

} // namespace troupe::net
