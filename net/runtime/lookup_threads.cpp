#include "net/runtime/lookup_threads.hpp"

#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace troupe::net {

struct lookup_threads::state {
  std::mutex mutex;
  size_t most;
  size_t max_waiting;
  size_t running = 0;
  std::deque<std::function<void()>> waiting;
};

lookup_threads::lookup_threads(size_t most, size_t waiting)
  : state_{std::make_shared<state>()} {
  state_->most = most;
  state_->max_waiting = waiting;
}

bool lookup_threads::run(std::function<void()> f) {
  std::lock_guard guard{state_->mutex};
  if (state_->running == state_->most) {
    if (state_->waiting.size() == state_->max_waiting)
      return false;
    state_->waiting.push_back(std::move(f));
    return true;
  }
  try {
    std::thread{[all = state_, f = std::move(f)]() mutable {
      work(*all, std::move(f));
    }}.detach();
  } catch (const std::system_error&) {
    return false;
  }
  ++state_->running;
  return true;
}

/// Calls `f` and what waits.
void lookup_threads::work(state& all, std::function<void()> f) {
  for (;;) {
    std::exchange(f, nullptr)();
    std::lock_guard guard{all.mutex};
    if (all.waiting.empty()) {
      --all.running;
      return;
    }
    f = std::move(all.waiting.front());
    all.waiting.pop_front();
  }
}

} // namespace troupe::net
