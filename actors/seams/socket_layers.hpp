#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::actors {

/// Result of `lower_layer::send`.
enum class send_status : uint8_t {
  queued, ///< Queued, or posted to the socket's thread.
  full,   ///< The queue is full; `config::on_overflow` applies (C60).
  closed, ///< The socket is closed or closing; ignored without an error (C61).
};

/// What a socket has done, for reports.
struct socket_state {
  std::chrono::steady_clock::time_point opened;
  size_t queued_bytes = 0;   ///< Output that waits for the client.
  bool is_congested = false; ///< The client does not read.
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  uint64_t messages_in = 0;
  uint64_t messages_out = 0;
};

/// A socket as its actor sees it. Thread-safe unless documented otherwise:
/// calls from other threads are posted to the socket's thread. Never blocks.
class lower_layer {
public:
  virtual ~lower_layer() = default;

  /// Queues whole frames. They are written at the end of the turn.
  virtual send_status send(slice frames) = 0;

  /// Adds credit for `frames` more messages, and pings and pongs that have a
  /// handler. The socket starts without credit.
  virtual void grant(uint32_t frames) = 0;

  /// Begins the closing handshake after all queued frames. Later calls to
  /// `send` return `closed`; later calls to `close` do nothing.
  virtual void close(close_code code, std::string_view reason) = 0;

  /// Ends the right of the client: closes the socket at `end`, up to 0.3 s
  /// later, with 1008 and the reason `expired`. Replaces the end set before;
  /// `max` stands for never. To be called on the socket's thread.
  virtual void expire_at(std::chrono::system_clock::time_point end) = 0;

  /// Returns the argument of the last `expire_at`, before the first one `max`.
  /// To be called on the socket's thread.
  virtual std::chrono::system_clock::time_point expires_at() const noexcept = 0;

  /// Returns the subprotocol that was negotiated in the handshake (C14); empty
  /// for none. Does not change.
  virtual const std::string& subprotocol() const noexcept = 0;

  /// Returns what the socket has done. To be called on the socket's thread.
  virtual socket_state state() const noexcept {
    return {};
  }
};

/// A connection actor as its socket sees it. All functions are called on the
/// socket's thread.
class upper_layer {
public:
  virtual ~upper_layer() = default;

  /// Called for each complete message. Uses up one unit of credit.
  virtual void on_frame(frame message) = 0;

  /// Called for each ping or pong of the peer (C38).
  /// @returns whether there is a handler for it. If so, it uses up one unit of
  ///          credit.
  virtual bool on_control(bool is_pong, std::string_view payload) = 0;

  /// Called now and then while the client is slow, with the number of messages
  /// to it that were dropped, or replaced by newer ones, since the last call
  /// (C60).
  virtual void on_overflow(uint64_t dropped, uint64_t conflated) = 0;

  /// Called exactly once, as the last call, when the socket is closed.
  virtual void on_close(close_info info) = 0;
};

} // namespace troupe::actors
