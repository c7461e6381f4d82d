#pragma once

#include "net/message_marks.hpp"
#include "net/send_queue.hpp"
#include "net/socket.hpp"
#include "net/worker.hpp"
#include "troupe/frame.hpp"

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_prefix.hpp>
#include <boost/beast/core/role.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace troupe::net {

/// The layer below Beast's websocket::stream: turns all that one turn writes to
/// a socket into one system call. Data frames come from the session by `queue`,
/// control frames from Beast by `async_write_some`, both as whole frames, so
/// that none splits another. Lives on its worker's thread.
///
/// An idle one holds no memory: the queue has room for two slices in itself,
/// and a read begins when there is something to read.
class coalescing_stream final
  : public flushable,
    public std::enable_shared_from_this<coalescing_stream> {
public:
  // -- member types -----------------------------------------------------------

  using executor_type = io_executor;
  using time_point = worker::time_point;

  // -- constructors, destructors, and assignment operators --------------------

  /// @param socket connected and non-blocking.
  coalescing_stream(tcp_socket socket, worker& home);

  ~coalescing_stream();

  // -- properties -------------------------------------------------------------

  executor_type get_executor() noexcept {
    return socket_.get_executor();
  }

  const send_queue& queued() const noexcept {
    return queue_;
  }

  /// When a byte came last.
  time_point last_read() const noexcept {
    return last_read_;
  }

  /// When a byte last got on, or the queue ceased to be empty.
  time_point last_progress() const noexcept {
    return last_progress_;
  }

  /// Whether a close frame was queued: no frame may follow it.
  bool close_sent() const noexcept {
    return close_sent_;
  }

  /// Whether a write failed or the socket was closed.
  bool failed() const noexcept {
    return failed_;
  }

  // -- for the session --------------------------------------------------------

  /// Says that the handshake is done and what Beast writes is frames.
  void expect_frames() noexcept {
    frames_ = true;
  }

  /// Lets compressed messages pass. Call before the first frame is read.
  void expect_deflate() {
    marks_ = std::make_unique<message_marks>();
  }

  /// Null if messages cannot be compressed.
  message_marks* marks() const noexcept {
    return marks_.get();
  }

  /// Adds whole frames; dropped after a close frame or a failure.
  void queue(slice frames);

  /// Adds messages to a queue that has no room for them.
  losses queue(slice frames, const queue_bounds& most);

  /// Forgets the messages that wait.
  void drop_queued();

  void flush() override;

  /// Looks whether the peer has taken bytes that the kernel holds for it. Call
  /// now and then, before `last_progress`.
  void note_progress();

  /// Gives back what a burst needed. Call when there is time.
  void release_memory();

  /// Sends what is queued, then FIN, and reads until the peer's FIN: closing
  /// with bytes unread would send RST, which may overtake our close frame.
  /// Then cuts the connection and calls `done`. The caller bounds the time.
  void linger(std::function<void()> done);

  /// Cuts the connection; what waits is lost.
  void close();

  // -- for Beast --------------------------------------------------------------

  /// Waits for something to read before it uses `buffers`, so that no system
  /// call fails and no memory is pinned meanwhile.
  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    read_op<Buffers, std::decay_t<Handler>> op{
      {*this, std::forward<Handler>(handler)}, buffers};
    socket_.async_wait(tcp_socket::wait_read, std::move(op));
  }

  /// Takes all of `buffers` at once.
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    auto size = asio::buffer_size(buffers);
    std::shared_ptr<char[]> block{new char[size]};
    asio::buffer_copy(asio::buffer(block.get(), size), buffers);
    auto ec = queue_from_beast({block, {block.get(), size}, 0});
    written_op<std::decay_t<Handler>> op{
      {*this, std::forward<Handler>(handler)}, size};
    if (!ec && congested() && !close_sent_) // a peer that reads no pongs
      socket_.async_wait(tcp_socket::wait_write, std::move(op));
    else
      asio::post(get_executor(),
                 boost::beast::bind_front_handler(std::move(op), ec));
  }

  /// Does nothing, so that the session learns at once why Beast tears down. It
  /// then calls `linger`.
  template <class Handler>
  void async_tear_down(Handler&& handler) {
    asio::post(get_executor(), boost::beast::bind_front_handler(
                                 std::forward<Handler>(handler), error_code{}));
  }

private:
  // -- composed operations ----------------------------------------------------

  /// Runs where its handler wants to run and allocates as it does.
  template <class Handler>
  struct operation {
    using executor_type = asio::associated_executor_t<Handler, io_executor>;
    using allocator_type = asio::associated_allocator_t<Handler>;

    executor_type get_executor() const noexcept {
      return asio::get_associated_executor(handler, on.get_executor());
    }

    allocator_type get_allocator() const noexcept {
      return asio::get_associated_allocator(handler);
    }

    coalescing_stream& on; // kept alive by what `handler` keeps alive
    Handler handler;
  };

  template <class Buffers, class Handler>
  struct read_op : operation<Handler> {
    void operator()(error_code ec) {
      size_t size = 0;
      if (!ec)
        size = this->on.receive(buffers, ec);
      if (ec == asio::error::would_block) {
        this->on.socket_.async_wait(tcp_socket::wait_read, std::move(*this));
        return;
      }
      this->on.last_read_ = this->on.home_.now();
      this->handler(ec, size);
    }

    Buffers buffers;
  };

  template <class Handler>
  struct written_op : operation<Handler> {
    void operator()(error_code ec) {
      this->handler(ec, ec ? 0 : size);
    }

    size_t size;
  };

  // -- helpers ----------------------------------------------------------------

  template <class Buffers>
  size_t receive(const Buffers& buffers, error_code& ec) {
    auto front = boost::beast::buffers_front(buffers);
    if (marks_)
      return receive_marked(front, ec);
    if (front.size() == asio::buffer_size(buffers)) // the usual case
      return socket_.read_some(front, ec);          // recv beats recvmsg
    return socket_.read_some(buffers, ec);
  }

  size_t receive_marked(asio::mutable_buffer buffer, error_code& ec);
  error_code queue_from_beast(slice frames);
  bool congested() const noexcept;
  void before_queuing();
  void send_queued();
  void wait_to_send();

  /// Gets on with closing. @returns what to wait for before the next step.
  std::optional<tcp_socket::wait_type> tear_down();

  void on_send_error();
  void fail();

  // -- member variables -------------------------------------------------------

  tcp_socket socket_;
  worker& home_;
  send_queue queue_;
  std::unique_ptr<message_marks> marks_;
  time_point last_read_;
  time_point last_progress_;
  int kernel_unsent_ = 0; ///< Bytes, when last looked at.
  bool frames_ = false;
  bool waiting_ = false; ///< The kernel takes no more for now.
  bool close_sent_ = false;
  bool fin_sent_ = false;
  bool failed_ = false;
};

// -- customisation points of Beast, found by argument-dependent lookup --------

template <class Handler>
void async_teardown(boost::beast::role_type, coalescing_stream& stream,
                    Handler&& handler) {
  stream.async_tear_down(std::forward<Handler>(handler));
}

inline void beast_close_socket(coalescing_stream& stream) {
  stream.close();
}

} // namespace troupe::net
