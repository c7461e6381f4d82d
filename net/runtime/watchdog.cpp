#include "net/runtime/watchdog.hpp"

#include <boost/asio/post.hpp>

#include <pthread.h>

#include <utility>

namespace troupe::net {

watchdog::watchdog(threads all, std::chrono::microseconds interval,
                   std::function<void()> alive)
  : all_{all},
    interval_{interval},
    alive_{std::move(alive)} {
  if (interval_.count() > 0)
    thread_ = std::thread{[this] { run(); }};
}

watchdog::~watchdog() {
  {
    std::lock_guard guard{mutex_};
    is_over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void watchdog::run() {
  pthread_setname_np(pthread_self(), "troupe.watchdog");
  ask();
  std::unique_lock guard{mutex_};
  while (!changed_.wait_for(guard, interval_, [this] { return is_over_; })) {
    if (*answers_ < all_.size())
      continue;
    alive_();
    ask();
  }
}

void watchdog::ask() {
  answers_ = std::make_shared<std::atomic<size_t>>(0);
  for (const auto& x : all_)
    boost::asio::post(x->io(), [answers = answers_] { ++*answers; });
}

} // namespace troupe::net
