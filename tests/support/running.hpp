#pragma once

#include "net/runtime/scheduler.hpp"
#include "troupe/runtime.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <future>
#include <type_traits>
#include <utility>

/// @file
///
/// Support for tests of the runtime with real threads in real time. Nothing
/// here sleeps: functions wait only for events that have to occur.

namespace troupe::test {

/// The time after which an event counts as missing: far more than it takes on a
/// loaded machine, and less than the 30 s of CAF's watchdog.
constexpr std::chrono::seconds patience{20};

/// Returns the value of `x`, or ends the test.
template <class T>
T await(std::future<T> x) {
  CAF_REQUIRE(x.wait_for(patience) == std::future_status::ready);
  return x.get();
}

template <class T>
T await(std::promise<T>& x) {
  return await(x.get_future());
}

/// An actor system with troupe's scheduler.
struct running {
  explicit running(size_t threads)
    : cfg(threads),
      sys(cfg),
      scheduler(*net::scheduler::of(sys)) {
  }

  net::worker& at(size_t index) {
    return *scheduler.workers()[index % scheduler.workers().size()];
  }

  struct config : runtime_config {
    explicit config(size_t n) {
      threads = n;
    }
  };

  config cfg;
  caf::actor_system sys;
  net::scheduler& scheduler;
};

/// Calls `f` with a new `running` of one to four threads each.
template <class F>
void with_1_to_4_threads(F f) {
  for (size_t threads = 1; threads <= 4; ++threads) {
    running r{threads};
    f(r);
  }
}

/// Runs `f` on the thread of `w`, as one completion handler.
/// @returns what `f` returns.
template <class F>
auto run_on(net::worker& w, F f) {
  std::packaged_task<std::invoke_result_t<F>()> task{std::move(f)};
  auto result = task.get_future();
  boost::asio::post(w.io(), std::move(task));
  return await(std::move(result));
}

/// Holds up the thread of a worker during its lifetime, as a handler that
/// blocks does.
class held_thread {
public:
  explicit held_thread(net::worker& w) {
    std::promise<void> begun;
    auto hold = [&begun, wait = go_.get_future().share()] {
      begun.set_value();
      wait.wait();
    };
    // Posted twice, since a handler that wakes a thread is not part of a turn.
    boost::asio::post(w.io(), [&w, hold] { boost::asio::post(w.io(), hold); });
    await(begun);
  }

  held_thread(const held_thread&) = delete;
  held_thread& operator=(const held_thread&) = delete;

  ~held_thread() {
    go_.set_value();
  }

private:
  std::promise<void> go_;
};

} // namespace troupe::test
