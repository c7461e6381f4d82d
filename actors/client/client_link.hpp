#pragma once

#include "actors/client/client_backoff.hpp"
#include "actors/client/client_core.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/seams/client_socket.hpp"

#include <caf/message_handler.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::actors {

/// Sent by a client to itself. Ends the wait with this number.
struct client_alarm {
  uint64_t number = 0;
};

/// The base of client_actor: a socket that is replaced when it is lost. Knows
/// nothing of messages. Has one deadline at a time, that of its state.
class client_link : public pinned_actor {
public:
  client_link(caf::actor_config& cfg, event_loop* at,
              std::shared_ptr<client_core> core, client_dialer dial);

  void on_exit() override;

  /// Ends the client for good, after what waits has been sent. Without effect
  /// on one that is closing.
  /// @param patience  time limit.
  void close(close_code code, std::string_view reason, caf::timespan patience);

protected:
  /// Handlers of the reports of sockets and of alarms.
  caf::message_handler link_handlers();

  client_core& core() const noexcept {
    return *core_;
  }

  const std::shared_ptr<client_core>& shared_core() const noexcept {
    return core_;
  }

  client_state state() const noexcept {
    return core_->state;
  }

  client_backoff& backoff() noexcept {
    return backoff_;
  }

  /// Returns the number of the latest socket.
  uint64_t socket_number() const noexcept {
    return number_;
  }

  caf::actor handle();

  // -- for what uses the link -------------------------------------------------

  /// Begins an attempt to connect in place of the current connection or wait.
  void connect();

  /// Tells that messages may be sent, and that the attempt has succeeded.
  void enter_open();

  /// Sends `message` before all that `next_message` returns.
  void write_first(frame message);

  /// Writes what `next_message` returns, unless a message is being written.
  void pump();

  /// Takes the connection for lost and does not wait for its end.
  void abandon(close_code code, std::string reason);

  /// Calls `on_alarm` after `time` if the client is open then and there was no
  /// later call.
  void set_alarm(caf::timespan time);

  // -- what happens -----------------------------------------------------------

  /// Called when the handshake has been completed. Calls `enter_open` at once
  /// or later.
  virtual void on_handshake(const std::string& subprotocol) = 0;

  virtual void on_open() = 0;
  virtual void on_message(const frame& message) = 0;
  virtual void on_state() = 0;

  /// Called for each end of a connection or an attempt, after the state has
  /// changed.
  virtual void on_end(const ws_client_end& how) = 0;

  /// Called for an alarm of an open client.
  virtual void on_alarm() = 0;

  /// Decides whether to connect again.
  /// @param how  may be completed.
  /// @returns the time until the next attempt; none for a final end.
  virtual std::optional<caf::timespan> decide_wait(ws_client_end& how) = 0;

  /// Returns the next message to send; none if nothing waits.
  virtual std::optional<frame> next_message() = 0;

private:
  void enter(client_state x);
  void on_alarm(uint64_t number);
  void on_ended(ws_client_end how);
  void forget_socket();
  void read_on();

  bool is_current(uint64_t socket) const noexcept {
    return socket_ && socket == number_;
  }

  std::shared_ptr<client_core> core_;
  client_dialer dial_;
  client_backoff backoff_;
  std::shared_ptr<client_socket> socket_; ///< Null while waiting and closed.
  uint64_t number_ = 0;                   ///< Of `socket_`.
  uint64_t alarm_ = 0;                    ///< Of the only valid alarm.
  size_t attempts_ = 0;
  caf::actor_clock::time_point opened_at_; ///< Of an open client.
  std::deque<frame> first_;
  bool is_writing_ = false;
  bool is_held_ = false;          ///< Reading waits for writing.
  bool is_shaking_hands_ = false; ///< The closing handshake has begun.
  close_code close_code_ = close_code::normal;
  std::string close_reason_;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::client_alarm)
