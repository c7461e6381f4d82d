#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::actors {

enum class send_status : uint8_t {
  queued, ///< On its way, as far as we know.
  full,   ///< The queue is full: see `config::on_overflow` (C60).
  closed, ///< The socket is gone or told to go: nothing taken, no error (C61).
};

/// What an actor may ask of its socket. Call on the socket's thread, or from
/// anywhere: from another thread the call is posted. Never blocks.
class lower_layer {
public:
  virtual ~lower_layer() = default;

  /// Queues whole frames; they leave with the turn's flush.
  virtual send_status send(slice frames) = 0;

  /// Lets the socket hand over `frames` more messages, and pings and pongs that
  /// are wanted; it starts with none.
  virtual void grant(uint32_t frames) = 0;

  /// Begins the closing handshake after what is queued. Later calls to `send`
  /// answer `closed`; a second call does nothing.
  virtual void close(close_code code, std::string_view reason) = 0;

  /// What was agreed in the handshake (C14); empty for none. Does not change.
  virtual const std::string& subprotocol() const noexcept = 0;
};

/// What a socket tells its actor: in order, on the socket's thread.
class upper_layer {
public:
  virtual ~upper_layer() = default;

  /// A whole message; at most as many as were granted.
  virtual void on_frame(frame message) = 0;

  /// A ping or a pong of the peer (C38).
  /// @returns whether anybody wants it: then it costs credit like a message.
  virtual bool on_control(bool is_pong, std::string_view payload) = 0;

  /// The client is slow: so many messages to it were dropped, or replaced by
  /// newer ones, since the last call (C60). Now and then while it lasts.
  virtual void on_overflow(uint64_t dropped, uint64_t conflated) = 0;

  /// The socket is gone. Last call, exactly once.
  virtual void on_close(close_info info) = 0;
};

} // namespace troupe::actors
