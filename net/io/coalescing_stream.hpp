#pragma once

#include "net/io/discard.hpp"
#include "net/io/send_queue.hpp"
#include "net/io/transport.hpp"
#include "net/runtime/access_record.hpp"
#include "net/runtime/socket.hpp"
#include "net/runtime/worker.hpp"
#include "troupe/frame.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace troupe::net {

/// A socket whose output of one turn is sent by one system call. Accepts
/// complete frames only, so that frames do not interleave. Lives on its
/// worker's thread.
///
/// With TLS, the output of one turn is encrypted together. Since encrypted
/// bytes can be neither dropped nor conflated, no more than 64 KiB are
/// encrypted in advance, and only when all earlier ones were sent.
///
/// Holds no memory while idle: the queue stores two slices inline, and all
/// streams of a thread read into the same buffer.
class coalescing_stream final : public flushable {
public:
  // -- member types -----------------------------------------------------------

  using time_point = worker::time_point;

  /// Result of one read.
  struct input {
    /// Valid until the next stream of this thread reads.
    std::span<char> bytes;
    /// The peer has ended its side, or the connection is lost.
    bool is_over = false;
    bool may_be_more = false;
    /// Reason of a loss; none if the peer has ended its side.
    error_code why;
  };

  // -- constructors, destructors, and assignment operators --------------------

  /// Does not use `event_loop`, so may be called on any thread.
  /// @param connection its socket is connected.
  coalescing_stream(transport connection, worker& event_loop);

  // -- properties -------------------------------------------------------------

  int socket() const noexcept {
    return socket_.get();
  }

  /// Returns whether the connection uses TLS. A client of a TLS port that does
  /// not speak TLS is found out by its first bytes.
  bool is_encrypted() const noexcept {
    return tls_ != nullptr;
  }

  const send_queue& queued() const noexcept {
    return queue_;
  }

  /// Returns when data last arrived; `time_point{}` if none has.
  time_point last_read() const noexcept {
    return last_read_;
  }

  /// Returns whether data waits for the kernel.
  bool has_unsent() const noexcept {
    return !queue_.empty() || (tls_ && !tls_->kept().empty());
  }

  /// Returns what was sent and received since this stream was created. The
  /// owner counts the messages that it receives.
  traffic& amount() noexcept {
    return amount_;
  }

  const traffic& amount() const noexcept {
    return amount_;
  }

  /// Returns the number of bytes that wait for the kernel.
  size_t unsent() const noexcept {
    return queue_.bytes() + (tls_ ? tls_->kept().size() : 0);
  }

  /// Returns whether data has waited for `patience` without any progress.
  bool is_stuck(time_point now, time_point::duration patience) const noexcept {
    return waiting_ && has_unsent() && now - last_progress_ > patience;
  }

  /// Returns whether a close frame was queued; no frame may follow it.
  bool close_sent() const noexcept {
    return close_sent_;
  }

  /// Returns whether a write failed or the socket was closed.
  bool failed() const noexcept {
    return failed_;
  }

  /// Returns whether output has accumulated because the peer does not read. The
  /// session then stops reading frames that need an answer.
  bool congested() const noexcept;

  // -- reading ----------------------------------------------------------------

  /// Reads available data, up to the size of the buffer.
  input receive();

  // -- writing ----------------------------------------------------------------

  /// Queues complete frames; ignored after a close frame or a failure.
  void queue(slice frames);

  /// Queues messages although the queue may have no room, and drops messages
  /// according to the policy of `most`.
  losses queue(slice frames, const queue_bounds& most);

  /// Queues a close frame; later frames are ignored.
  void queue_close(slice frame);

  /// Drops the queued messages of which no part has been sent.
  /// @returns their number.
  size_t drop_queued();

  void flush() override;

  /// Continues sending. Call when the kernel reports that the socket is
  /// writable.
  void on_writable();

  /// Checks whether the peer has acknowledged data in the kernel's buffer. Call
  /// periodically, before `is_stuck`.
  void note_progress();

  /// Releases memory that a burst has required. Call periodically.
  void release_memory();

  // -- the end ----------------------------------------------------------------

  /// Sends queued frames, then FIN, and reads until the peer's FIN: closing
  /// with unread data would send RST, which may overtake the close frame. Call
  /// for each event of the socket. The caller limits the time.
  /// @returns `end` when done; `some` if it must be called again soon.
  leftover wind_down();

  /// Closes the socket at once; queued data is lost.
  void close();

  /// Releases the connection.
  /// @pre nothing is unsent.
  transport release();

private:
  input receive_bytes();
  input decrypt(input received);
  void count_received(size_t bytes) noexcept;
  void count_sent(size_t bytes) noexcept;
  void before_queuing(const slice& frames);
  void send_queued();
  void send_encrypted();
  bool send_kept();
  void send_or_keep(std::string_view bytes);
  size_t send_now(std::string_view bytes);
  void wait(bool has_progressed);
  void on_send_error();
  void fail();

  // -- member variables -------------------------------------------------------

  descriptor socket_;
  std::unique_ptr<tls_channel> tls_;
  bool waiting_ = false; ///< The kernel's buffer is full.
  bool close_sent_ = false;
  bool fin_sent_ = false;
  bool failed_ = false;
  int kernel_unsent_ = 0; ///< Bytes in the kernel's buffer at the last check.
  worker& loop_;
  send_queue queue_;
  traffic amount_;
  time_point last_read_;
  /// Time of the last progress, or when waiting began.
  time_point last_progress_;
};

/// Returns a slice of bytes that are not messages, such as an HTTP response,
/// for `queue`.
slice to_slice(std::string bytes);

} // namespace troupe::net
