#pragma once

#include <boost/intrusive/list.hpp>

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::net {

/// A socket that is registered with a poller, from `add` to `remove`.
class pollable : public boost::intrusive::list_base_hook<
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  /// Called by the poller when the state of the socket has changed. `events`
  /// has the flags of epoll(7), each reported once, or is zero if the socket
  /// requested the call by `poller::call`. May destroy this and other objects.
  virtual void on_ready(uint32_t events) = 0;

protected:
  ~pollable() = default;
};

/// Reports to many sockets of one thread when they can be read or written,
/// without an asynchronous operation per read: Asio's cost a system call, about
/// 500 instructions and 600 bytes per connection (docs/decisions/0005). Not
/// thread-safe.
class poller {
public:
  poller();
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// Returns a descriptor that is readable when the kernel has events for
  /// `poll_one`.
  int descriptor() const noexcept {
    return epoll_;
  }

  /// Registers `x` for events of `descriptor`, which must not be registered
  /// yet.
  /// @returns false if the kernel refuses.
  bool add(int descriptor, pollable& x);

  /// Unregisters `descriptor`; `x` receives no more calls. Call before `x` is
  /// destroyed and while the descriptor is open: closing it does not unregister
  /// it if another process, such as a child, has a copy.
  void remove(int descriptor, pollable& x) noexcept;

  /// Requests the call `x.on_ready(0)` in the next round.
  void call(pollable& x);

  /// Returns whether calls are pending that need no event from the kernel.
  bool is_pending() const noexcept {
    return in_round() || !calls_.empty();
  }

  /// Makes the next pending call. Asks the kernel for new events when the calls
  /// of the last round are done.
  /// @returns false if nothing is pending.
  bool poll_one();

  /// Returns the number of rounds so far. In each round, every socket with
  /// events is called once. Thread-safe.
  uint64_t round() const noexcept {
    return round_.load(std::memory_order_relaxed);
  }

private:
  using list
    = boost::intrusive::list<pollable,
                             boost::intrusive::constant_time_size<false>>;

  bool in_round() const noexcept {
    return next_ < count_ || !due_.empty();
  }

  void begin_round();

  int epoll_;
  std::atomic<uint64_t> round_ = 0;
  std::array<epoll_event, 256> events_;
  size_t count_ = 0;
  size_t next_ = 0; ///< Index of the next event to report.
  list due_;        ///< Requested calls of this round.
  list calls_;      ///< Requested calls of the next round.
};

} // namespace troupe::net
