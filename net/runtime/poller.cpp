#include "net/runtime/poller.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace troupe::net {

poller::poller() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
  if (epoll_ < 0)
    throw std::system_error{errno, std::system_category(), "epoll_create1"};
}

poller::~poller() {
  ::close(epoll_);
}

bool poller::add(int descriptor, pollable& x) {
  epoll_event event{};
  // Edge-triggered for both directions: the registration need not be changed
  // when a session starts or stops reading or writing.
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &x;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void poller::remove(int descriptor, pollable& x) noexcept {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
  x.unlink();
  for (auto i = next_; i < count_; ++i)
    if (events_[i].data.ptr == &x)
      events_[i].data.ptr = nullptr;
}

void poller::call(pollable& x) {
  if (!x.is_linked())
    calls_.push_back(x);
}

bool poller::poll_one() {
  if (!in_round())
    begin_round();
  if (next_ < count_) {
    auto& event = events_[next_++];
    if (auto* x = static_cast<pollable*>(event.data.ptr))
      x->on_ready(event.events);
  } else if (!due_.empty()) {
    auto& x = due_.front();
    due_.pop_front();
    x.on_ready(0);
  } else {
    return false;
  }
  return true;
}

/// Begins a round with the kernel's events and the requested calls. A socket
/// that always requests another call thus gets one call per round.
void poller::begin_round() {
  auto n = ::epoll_wait(epoll_, events_.data(),
                        static_cast<int>(events_.size()), 0);
  round_.fetch_add(1, std::memory_order_relaxed);
  next_ = 0;
  count_ = n > 0 ? static_cast<size_t>(n) : 0;
  due_.splice(due_.end(), calls_);
}

} // namespace troupe::net
