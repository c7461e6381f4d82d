#include "poller.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <sys/prctl.h>
#include <system_error>
#include <unistd.h>

namespace troupe::bench {

void throw_errno(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

unique_fd::~unique_fd() {
  if (fd_ >= 0)
    ::close(fd_);
}

poller::poller() : fd_{epoll_create1(EPOLL_CLOEXEC)}, events_(1024) {
  if (fd_.get() < 0)
    throw_errno("epoll_create1");
  // By default, the kernel may delay timers by 50 us to save power.
  prctl(PR_SET_TIMERSLACK, 1);
}

void poller::add(int fd, std::uint32_t key) {
  control(EPOLL_CTL_ADD, fd, EPOLLIN, key);
}

void poller::remove(int fd) {
  control(EPOLL_CTL_DEL, fd, 0, 0);
}

void poller::watch_writes(int fd, std::uint32_t key, bool on) {
  control(EPOLL_CTL_MOD, fd, on ? EPOLLIN | EPOLLOUT : EPOLLIN, key);
}

std::span<const epoll_event> poller::wait(double timeout) {
  auto whole = std::floor(std::max(timeout, 0.));
  timespec limit{static_cast<time_t>(whole),
                 static_cast<long>((std::max(timeout, 0.) - whole) * 1e9)};
  auto n = epoll_pwait2(fd_.get(), events_.data(),
                        static_cast<int>(events_.size()), &limit, nullptr);
  if (n < 0 && errno != EINTR)
    throw_errno("epoll_pwait2");
  return {events_.data(), static_cast<std::size_t>(std::max(n, 0))};
}

void poller::control(int operation, int fd, std::uint32_t events,
                     std::uint32_t key) {
  epoll_event event{};
  event.events = events;
  event.data.u32 = key;
  if (epoll_ctl(fd_.get(), operation, fd, &event) != 0)
    throw_errno("epoll_ctl");
}

} // namespace troupe::bench
