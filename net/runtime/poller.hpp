#pragma once

#include <boost/intrusive/list.hpp>

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe::net {

/// A socket that a poller watches, from `add` to `remove`.
class pollable : public boost::intrusive::list_base_hook<
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  /// The kernel has news: `events` as epoll(7) has them, each told once. Zero
  /// if it asked for another call. May end itself and others.
  virtual void on_ready(uint32_t events) = 0;

protected:
  ~pollable() = default;
};

/// Tells many sockets of one thread what they may read or write, without an
/// operation for each read: Asio's costs a system call, some 500 instructions
/// and 600 bytes per connection (docs/decisions/0005).
class poller {
public:
  poller();
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// Readable when `poll` would find something.
  int descriptor() const noexcept {
    return epoll_;
  }

  /// Watches `descriptor`, a new one, for `x`.
  /// @returns false if the kernel refuses.
  bool add(int descriptor, pollable& x);

  /// Ends the watch of `descriptor` for `x`, who is told nothing any more. Call
  /// before `x` goes and while the descriptor is open: that it is closed does
  /// not end the watch if somebody else, such as a child process, has a copy.
  void remove(int descriptor, pollable& x) noexcept;

  /// Calls `x.on_ready(0)` with the next poll.
  void call(pollable& x);

  /// Whether somebody waits to be told, whatever the kernel says.
  bool is_pending() const noexcept {
    return in_round() || !calls_.empty();
  }

  /// Tells one what there is for it; asks the kernel when all of the last round
  /// are told. @returns false if there is nothing.
  bool poll_one();

  /// Counts the rounds: in each, every socket with news is told once.
  /// Thread-safe.
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
  size_t next_ = 0; ///< The first of them not yet told.
  list due_;        ///< Who is to be called in this round.
  list calls_;      ///< And in the next.
};

} // namespace troupe::net
