#pragma once

#include "actors/connection_messages.hpp"
#include "actors/handler_actor.hpp"
#include "actors/seams/socket_layers.hpp"
#include "base/protocol2.hpp"
#include "troupe/decision.hpp"

#include <caf/behavior.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace troupe::actors {

class dialogue;

/// Admits the client of one connection: reads its hellos and lets the program
/// decide about them (`config::authenticate`), one at a time. The first one
/// decides whether the connection enlists, further ones renew the right of the
/// client. Part of the connection.
class hello_gate {
public:
  /// @param owner   the connection that this is part of.
  /// @param socket  that of `owner`.
  /// @param enter   makes `owner` enlist.
  hello_gate(handler_actor& owner, lower_layer& socket,
             std::function<void()> enter);

  hello_gate(const hello_gate&) = delete;
  hello_gate& operator=(const hello_gate&) = delete;

  /// Returns what the connection does until its client is admitted: it skips
  /// all messages except for the hello, the decision and the end. The socket
  /// bounds the time.
  /// @param x  speaks with the client; null for version 1, which has no hello.
  caf::behavior await_client(dialogue* x);

  /// Handles a hello.
  /// @returns false if it is malformed; nothing is done then.
  bool read(const protocol2::message_view& hello);

  /// Handles a decision of the program.
  void take(decided& msg);

private:
  void ask(const nlohmann::json& auth);
  void settle(verdict x);
  void admit();
  void turn_away(const verdict& x);

  handler_actor& owner_;
  lower_layer& socket_;
  dialogue* dialogue_ = nullptr;
  std::function<void()> enter_; ///< Null when the client is admitted.
  /// Exists as long as a decision is open.
  std::shared_ptr<const void> open_;
  uint64_t ticket_ = 0; ///< Of the last decision.
  /// The end of the right that the client had before the open decision.
  decision::time_point former_end_;
};

} // namespace troupe::actors
