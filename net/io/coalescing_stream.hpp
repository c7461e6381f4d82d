#pragma once

#include "net/io/discard.hpp"
#include "net/io/send_queue.hpp"
#include "net/runtime/socket.hpp"
#include "net/runtime/worker.hpp"
#include "troupe/frame.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace troupe::net {

/// A socket whose output of one turn leaves in one system call. Takes whole
/// frames, so that none splits another. Lives on its worker's thread.
///
/// An idle one holds no memory: the queue has room for two slices in itself,
/// and all of a thread's read into the same buffer.
class coalescing_stream final : public flushable {
public:
  // -- member types -----------------------------------------------------------

  using time_point = worker::time_point;

  /// What one system call read.
  struct input {
    std::span<char> bytes; ///< Good until the next stream reads.
    bool is_over = false;  ///< The peer has ended, or the connection is lost.
    bool may_be_more = false;
    error_code why; ///< It was lost; none if the peer has ended.
  };

  // -- constructors, destructors, and assignment operators --------------------

  /// May be called on any thread: leaves `event_loop` alone.
  /// @param socket connected.
  coalescing_stream(descriptor socket, worker& event_loop);

  // -- properties -------------------------------------------------------------

  int socket() const noexcept {
    return socket_.get();
  }

  const send_queue& queued() const noexcept {
    return queue_;
  }

  /// When a byte came last; long ago if none has come.
  time_point last_read() const noexcept {
    return last_read_;
  }

  /// Whether the peer has taken nothing of what waits for it for so long.
  bool is_stuck(time_point now, time_point::duration patience) const noexcept {
    return waiting_ && !queue_.empty() && now - last_progress_ > patience;
  }

  /// Whether a close frame was queued: no frame may follow it.
  bool close_sent() const noexcept {
    return close_sent_;
  }

  /// Whether a write failed or the socket was closed.
  bool failed() const noexcept {
    return failed_;
  }

  /// Whether the peer takes nothing, and so should not be read for answers.
  bool congested() const noexcept;

  // -- reading ----------------------------------------------------------------

  /// Reads what there is, up to a buffer full.
  input receive();

  // -- writing ----------------------------------------------------------------

  /// Adds whole frames; dropped after a close frame or a failure.
  void queue(slice frames);

  /// Adds messages to a queue that has no room for them.
  losses queue(slice frames, const queue_bounds& most);

  /// Adds the frame after which none may follow.
  void queue_close(slice frame);

  /// Forgets the messages that wait.
  void drop_queued();

  void flush() override;

  /// The kernel takes more. Call when it says so.
  void on_writable();

  /// Looks whether the peer has taken bytes that the kernel holds for it. Call
  /// now and then, before `is_stuck`.
  void note_progress();

  /// Gives back what a burst needed. Call when there is time.
  void release_memory();

  // -- the end ----------------------------------------------------------------

  /// Sends what is queued, then FIN, and reads until the peer's FIN: closing
  /// with bytes unread would send RST, which may overtake our close frame. Call
  /// whenever the kernel has news. The caller bounds the time.
  /// @returns `end` when all is done, `some` to be called again soon.
  leftover wind_down();

  /// Cuts the connection; what waits is lost.
  void close();

  /// Gives the socket away. @pre nothing waits.
  descriptor release();

private:
  void before_queuing();
  void send_queued();
  void wait(bool has_progressed);
  void on_send_error();
  void fail();

  // -- member variables -------------------------------------------------------

  descriptor socket_;
  bool waiting_ = false; ///< The kernel takes no more for now.
  bool close_sent_ = false;
  bool fin_sent_ = false;
  bool failed_ = false;
  int kernel_unsent_ = 0; ///< Bytes, when last looked at.
  worker& loop_;
  send_queue queue_;
  time_point last_read_;
  time_point last_progress_; ///< When a byte got on, or waiting began.
};

/// Bytes that are no messages, such as an HTTP reply, for `queue`.
slice to_slice(std::string bytes);

} // namespace troupe::net
