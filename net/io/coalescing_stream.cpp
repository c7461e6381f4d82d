#include "net/io/coalescing_stream.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace troupe::net {

namespace {

/// A peer that reads nothing is `congested` with more queued bytes than this.
constexpr size_t congestion = 16 * 1024;

/// Large enough to be worth a system call, small enough to let other sockets be
/// served soon: about 350 messages of 64 bytes.
constexpr size_t read_size = 32 * 1024;

constexpr int send_flags = MSG_NOSIGNAL | MSG_DONTWAIT;

constexpr size_t block_size = 64 * 1024;

/// Returns a block for output, shared by the thread.
char* block() {
  thread_local auto result = std::make_unique_for_overwrite<char[]>(block_size);
  return result.get();
}

/// Returns the first queued bytes as one piece of at most `block_size`.
std::string_view first_block(const send_queue& queue) {
  std::string_view first;
  size_t size = 0;
  queue.for_each_part([&](std::string_view x) {
    if (first.empty()) {
      first = x;
      return queue.parts() > 1 && x.size() < block_size;
    }
    if (size == 0)
      size = first.copy(block(), block_size);
    size += x.copy(block() + size, block_size - size);
    return size < block_size;
  });
  return size > 0 ? std::string_view{block(), size}
                  : first.substr(0, block_size);
}

/// Data for one system call. Slices are sent in place; if there are many, small
/// ones are copied into one block, which is cheaper.
class gathering {
public:
  explicit gathering(bool copies) : copies_{copies} {
  }

  /// @returns false if there is no room for more.
  bool add(std::string_view bytes) {
    if (copies_ && bytes.size() <= small && bytes.size() <= block_size - used_)
      return add_copy(bytes);
    if (count_ == parts_.size())
      return false;
    parts_[count_++] = {const_cast<char*>(bytes.data()), bytes.size()};
    size_ += bytes.size();
    return true;
  }

  /// Returns the number of bytes added.
  size_t size() const noexcept {
    return size_;
  }

  /// @returns the number of bytes sent, or -1 with errno set.
  ssize_t send(int socket) {
    for (;;)
      if (auto result = try_send(socket); result >= 0 || errno != EINTR)
        return result;
  }

private:
  static constexpr size_t small = 1024;

  ssize_t try_send(int socket) {
    if (count_ == 1) // the usual case; this call is cheaper
      return ::send(socket, parts_[0].iov_base, parts_[0].iov_len, send_flags);
    msghdr msg{};
    msg.msg_iov = parts_.data();
    msg.msg_iovlen = count_;
    return ::sendmsg(socket, &msg, send_flags);
  }

  bool add_copy(std::string_view bytes) {
    auto* pos = block() + used_;
    auto* last = count_ > 0 ? &parts_[count_ - 1] : nullptr;
    if (last && static_cast<char*>(last->iov_base) + last->iov_len == pos)
      last->iov_len += bytes.size();
    else if (count_ < parts_.size())
      parts_[count_++] = {pos, bytes.size()};
    else
      return false;
    std::memcpy(pos, bytes.data(), bytes.size());
    used_ += bytes.size();
    size_ += bytes.size();
    return true;
  }

  bool copies_;
  std::array<iovec, 64> parts_;
  size_t count_ = 0;
  size_t used_ = 0;
  size_t size_ = 0;
};

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

coalescing_stream::coalescing_stream(transport connection, worker& event_loop)
  : socket_{std::move(connection.socket)},
    tls_{std::move(connection.tls)},
    loop_{event_loop} {
}

// -- properties ---------------------------------------------------------------

bool coalescing_stream::congested() const noexcept {
  return waiting_ && queue_.bytes() > congestion;
}

// -- reading ------------------------------------------------------------------

coalescing_stream::input coalescing_stream::receive() {
  if (!tls_)
    return receive_bytes();
  // Nothing is read while a handshake waits, so more may have arrived: the
  // kernel reports that only once.
  return decrypt(tls_->is_deferred() ? input{{}, false, true, {}}
                                     : receive_bytes());
}

coalescing_stream::input coalescing_stream::receive_bytes() {
  thread_local auto buffer = std::make_unique<char[]>(read_size);
  auto size = ::recv(socket_.get(), buffer.get(), read_size, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return {{}, false, errno == EINTR, {}};
  if (size < 0)
    return {{}, true, false, {errno, boost::system::system_category()}};
  if (size == 0)
    return {{}, true, false, {}};
  last_read_ = loop_.now();
  count_received(static_cast<size_t>(size));
  // A short read means that no more data is available.
  return {
    {buffer.get(), static_cast<size_t>(size)}, false, size == read_size, {}};
}

coalescing_stream::input coalescing_stream::decrypt(input received) {
  using outcome = tls_channel::outcome;
  if (received.bytes.empty() && !tls_->is_deferred())
    return received;
  auto found = tls_->decrypt({received.bytes.data(), received.bytes.size()},
                             loop_.sockets().round());
  send_or_keep(found.reply);
  received.bytes = found.bytes;
  received.may_be_more |= found.how == outcome::deferred;
  received.is_over |= found.how == outcome::ended;
  if (found.how == outcome::not_tls) {
    tls_.reset();
  } else if (found.how == outcome::failed) {
    on_send_error();
    received.is_over = true;
    received.why = found.why;
  }
  return received;
}

// -- writing ------------------------------------------------------------------

void coalescing_stream::queue(slice frames) {
  if (close_sent_ || failed_ || frames.bytes.empty())
    return;
  before_queuing(frames);
  queue_.push(std::move(frames));
}

losses coalescing_stream::queue(slice frames, const queue_bounds& most) {
  if (close_sent_ || failed_ || frames.bytes.empty())
    return {};
  before_queuing(frames);
  return queue_.push(std::move(frames), most);
}

void coalescing_stream::queue_close(slice frame) {
  queue(std::move(frame));
  close_sent_ = true;
}

size_t coalescing_stream::drop_queued() {
  auto before = queue_.messages();
  queue_.drop_waiting();
  return before - queue_.messages();
}

void coalescing_stream::release_memory() {
  queue_.release_memory();
}

void coalescing_stream::note_progress() {
  // The kernel reports a writable socket only when a good part of its buffer is
  // free, which takes long with a slow but steady peer.
  int unsent = 0;
  if (!has_unsent() || ::ioctl(socket_.get(), SIOCOUTQ, &unsent))
    return;
  if (unsent < kernel_unsent_)
    last_progress_ = loop_.now();
  kernel_unsent_ = unsent;
}

void coalescing_stream::flush() {
  if (!waiting_)
    send_queued();
}

void coalescing_stream::on_writable() {
  if (waiting_ && !failed_)
    send_queued();
}

// -- the end ------------------------------------------------------------------

leftover coalescing_stream::wind_down() {
  if (!waiting_)
    send_queued();
  if (failed_)
    return leftover::end;
  if (has_unsent())
    return leftover::none;
  if (tls_ && !fin_sent_) {
    send_or_keep(tls_->end());
    if (has_unsent())
      return leftover::none;
  }
  if (!std::exchange(fin_sent_, true)
      && ::shutdown(socket_.get(), SHUT_WR) != 0)
    return leftover::end;
  return discard_input(socket_.get());
}

void coalescing_stream::close() {
  fail();
  socket_.close();
}

transport coalescing_stream::release() {
  failed_ = true; // Ignores further frames.
  return {std::move(socket_), std::move(tls_)};
}

// -- helpers ------------------------------------------------------------------

void coalescing_stream::count_received(size_t bytes) noexcept {
  loop_.counters().received_bytes.add(bytes);
  amount_.bytes_in += bytes;
}

void coalescing_stream::count_sent(size_t bytes) noexcept {
  loop_.counters().sent_bytes.add(bytes);
  amount_.bytes_out += bytes;
}

void coalescing_stream::before_queuing(const slice& frames) {
  loop_.counters().sent_messages.add(frames.messages);
  amount_.messages_out += frames.messages;
  if (!waiting_)
    loop_.flush_at_turn_end(*this);
  else if (!has_unsent()) // All queued messages were dropped.
    last_progress_ = loop_.now();
}

void coalescing_stream::send_queued() {
  if (tls_)
    return send_encrypted();
  while (!queue_.empty()) {
    gathering parts{queue_.parts() > 16};
    queue_.for_each_part([&parts](std::string_view x) { return parts.add(x); });
    auto sent = parts.send(socket_.get());
    if (sent < 0 && errno != EAGAIN)
      return on_send_error();
    if (sent > 0) {
      queue_.sent(static_cast<size_t>(sent));
      count_sent(static_cast<size_t>(sent));
    }
    if (sent < static_cast<ssize_t>(parts.size()))
      return wait(sent > 0);
  }
  waiting_ = false;
}

void coalescing_stream::send_encrypted() {
  while (send_kept() && !queue_.empty()) {
    auto plain = first_block(queue_);
    auto bytes = tls_->encrypt(plain);
    if (bytes.empty())
      return on_send_error();
    queue_.sent(plain.size());
    send_or_keep(bytes);
  }
}

/// @returns whether nothing encrypted is left.
bool coalescing_stream::send_kept() {
  auto sent = send_now(tls_->kept());
  if (failed_)
    return false;
  if (sent < tls_->kept().size())
    wait(sent > 0);
  else
    waiting_ = false;
  tls_->sent(sent);
  return !waiting_;
}

/// Sends encrypted bytes, after those that wait already.
void coalescing_stream::send_or_keep(std::string_view bytes) {
  auto sent = tls_->kept().empty() ? send_now(bytes) : 0;
  if (failed_ || sent == bytes.size())
    return;
  tls_->keep(bytes.substr(sent));
  wait(sent > 0);
}

/// @returns the number of bytes that the kernel has accepted.
size_t coalescing_stream::send_now(std::string_view bytes) {
  if (bytes.empty())
    return 0;
  auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), send_flags);
  if (sent < 0 && errno != EAGAIN && errno != EINTR)
    on_send_error();
  auto accepted = static_cast<size_t>(std::max<ssize_t>(sent, 0));
  count_sent(accepted);
  return accepted;
}

void coalescing_stream::wait(bool has_progressed) {
  if (has_progressed || !waiting_)
    last_progress_ = loop_.now();
  waiting_ = true;
}

/// Shuts down the socket, so that the next read reports the loss to the
/// session.
void coalescing_stream::on_send_error() {
  fail();
  ::shutdown(socket_.get(), SHUT_RDWR);
}

void coalescing_stream::fail() {
  failed_ = true;
  waiting_ = false;
  queue_.clear();
}

slice to_slice(std::string bytes) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  std::string_view view{*owner};
  return {{std::move(owner), view.data()}, view, 0};
}

} // namespace troupe::net
