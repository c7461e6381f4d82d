#pragma once

#include "troupe/error.hpp"
#include "troupe/frame.hpp"

#include <caf/actor.hpp>
#include <caf/timespan.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// State of a `ws_client`.
enum class client_state : uint8_t {
  connecting, ///< An attempt to connect is under way.
  open,       ///< Connected.
  waiting,    ///< Waits for the time of the next attempt.
  closing,    ///< Was told to close; the server has not responded yet.
  closed,     ///< Closed for good.
};

/// Returns the name of `x`.
const char* to_string(client_state x) noexcept;

/// Describes how a connection of a `ws_client`, or an attempt to connect, has
/// ended.
struct ws_client_end {
  /// The code of the server's close frame, or the client's own; `abnormal` if
  /// there was no closing handshake, or no connection.
  close_code code = close_code::abnormal;
  std::string reason = {}; ///< From the server, or why there is no connection.
  bool was_clean = false;  ///< Whether the closing handshake was completed.
  std::string why = {};    ///< The `why` of the server's advice (version 2).
  size_t attempts = 0;     ///< Earlier ends since a connection of five seconds.
  bool is_over = false;    ///< Whether the client is closed for good.
  caf::timespan retry_in{0}; ///< Time until the next attempt, unless over.
};

/// Why a message was dropped.
enum class drop_reason : uint8_t {
  full,    ///< Too many messages wait: see `ws_client_options`.
  closed,  ///< The client is closing or closed.
  too_big, ///< The server takes smaller messages only (version 2).
};

/// A message that a `ws_client` will not send.
struct dropped_message {
  drop_reason why = drop_reason::full;
  frame message; ///< As it would have been sent.
};

/// Configures a `ws_client`.
struct ws_client_options {
  /// URL of the server: `ws://` or `wss://`, a host, an optional port, path and
  /// query. With `wss`, the certificate of the server has to be valid for the
  /// host, which is also sent as SNI.
  std::string url = {};

  /// Version of the wire protocol: 1 (docs/protocol.md), which any WebSocket
  /// server understands as far as its messages do, or 2 (docs/protocol-2.md). A
  /// server that does not support 2 fails the attempt to connect.
  unsigned protocol = 1;

  /// Prefix of events in version 1: `config::event_prefix` of the server.
  /// Empty: there are no events, and all messages go to `on_message`.
  std::string event_prefix = "m:";

  /// Subprotocols that are offered, the preferred one first. Empty for version
  /// 2, which is a subprotocol itself.
  std::vector<std::string> subprotocols = {};

  /// Additional header fields of the handshake, such as `Authorization`,
  /// `Cookie` or `Origin`.
  std::vector<std::pair<std::string, std::string>> headers = {};

  /// PEM file with the authorities that certificates of servers are verified
  /// with. Empty: those of the system. Read when the client is created.
  std::string ca_file = {};

  /// Returns the credentials in the hello of version 2. Called by the client
  /// for each new connection, like a callback. Empty: none.
  std::function<nlohmann::json()> auth = {};

  /// Whether to connect again when the connection is lost.
  bool reconnect = true;

  /// Decides whether to connect again after a connection or an attempt has
  /// ended; called like a callback. Empty: after the close codes 1001, 1006,
  /// 1011, 1012, 1013 and 1014, unless the advice of a server of version 2 says
  /// otherwise.
  std::function<bool(const ws_client_end&)> again = {};

  /// Upper bound of the first wait. It doubles up to `max_delay`; each wait is
  /// random between 0 and the bound. At least 1 ms.
  caf::timespan min_delay = std::chrono::milliseconds{500};

  /// Upper bound of all waits. After the close codes 1012 and 1013, the wait is
  /// between five seconds and this bound. At least `min_delay`.
  caf::timespan max_delay = std::chrono::seconds{30};

  /// Time after which an attempt to connect has failed: the lookup of the name,
  /// TLS, the handshake, and the hello of version 2. At least 1 ms.
  caf::timespan connect_timeout = std::chrono::seconds{10};

  /// Time that `close` waits for the server, and for messages to be sent. At
  /// least 1 ms.
  caf::timespan close_timeout = std::chrono::seconds{5};

  /// Time of silence after which the connection is lost. The client sends a
  /// ping after half of it. 0: unlimited.
  caf::timespan idle_timeout = std::chrono::seconds{60};

  /// Maximum number of messages that wait for a connection; more are dropped.
  size_t max_queue_messages = 1000;

  /// Maximum size of these messages in bytes; more are dropped.
  size_t max_queue_bytes = size_t{1} << 20;

  /// Maximum size in bytes of the messages that wait for a server that reads
  /// slowly; more are dropped.
  size_t max_unsent_bytes = size_t{16} << 20;

  /// Maximum size of a message from the server in bytes; a larger one ends the
  /// connection with 1009.
  size_t max_message_size = size_t{16} << 20;

  /// The client closes with 1001 when this actor ends, and waits for the server
  /// for one second at most. A program of `run` passes `app::lifeline`. Null:
  /// none.
  caf::actor owner = {};

  /// Returns none, or errc::invalid_config with the option that is invalid.
  [[nodiscard]] caf::error validate() const;
};

} // namespace troupe
