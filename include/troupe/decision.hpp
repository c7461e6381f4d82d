#pragma once

#include "troupe/one_shot.hpp"

#include <any>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A field of an HTTP header.
struct header_field {
  std::string name; ///< A token (RFC 9110 section 5.6.2), such as `Set-Cookie`.
  std::string value; ///< Printable; no line ends.
};

/// What the response to an accepted handshake has in addition.
struct handshake_reply {
  /// Further header fields, such as `{"Set-Cookie", "..."}`. Fields that the
  /// handshake itself sets are not allowed.
  std::vector<header_field> fields = {};

  /// The subprotocol; must be one that the client offers. Empty: selected by
  /// `config::subprotocols`.
  std::string subprotocol = {};
};

/// The content of a `decision`.
struct verdict {
  bool is_accepted = false;
  std::any principal = {};
  handshake_reply reply = {}; ///< If accepted.
  /// If accepted: when the right of the client ends; `max` for never.
  std::chrono::system_clock::time_point until
    = std::chrono::system_clock::time_point::max();
  unsigned status = 503; ///< If refused, the rest as well.
  std::string body = {};
  std::vector<header_field> fields = {};
};

/// A handle by which a program accepts or refuses one handshake
/// (`config::authorize`) or one hello (`config::authenticate`), once. Copies
/// are handles to the same decision; only the first call of `accept` or
/// `refuse` has an effect. When the last copy is destroyed without either call,
/// the handshake is refused with 503. Thread-safe; may be sent to actors of the
/// same process.
class decision {
public:
  using time_point = std::chrono::system_clock::time_point;

  /// Creates a handle without a handshake, which ignores all calls.
  decision() = default;

  /// Creates a decision. Programs need this for tests only.
  /// @param deliver  receives the verdict, once, on the thread that decides.
  ///                 Must not throw.
  /// @param client   exists as long as the client waits.
  decision(std::function<void(verdict)> deliver,
           std::weak_ptr<const void> client)
    : decide_{std::move(deliver), std::move(client),
              verdict{.body = "nobody has decided"}} {
  }

  /// Accepts the handshake.
  void accept(handshake_reply reply = {}) const {
    decide_({.is_accepted = true, .reply = std::move(reply)});
  }

  /// Accepts the handshake of a user, whom `connection::principal` returns.
  /// @param principal  who the client is: a copyable value of any type.
  /// @param reply      what the response has in addition.
  /// @param until      when the right of the user ends, such as `exp` of a
  ///                   token. The connection is closed with 1008 and the reason
  ///                   `expired` then, up to 0.3 s later; at once if that time
  ///                   has passed. Only a hello of the client can prolong it
  ///                   (`config::authenticate`). By default, there is no such
  ///                   time. Later changes of the system's clock have no
  ///                   effect.
  template <class T>
  void accept(T principal, handshake_reply reply = {},
              time_point until = time_point::max()) const {
    decide_({.is_accepted = true,
             .principal = std::move(principal),
             .reply = std::move(reply),
             .until = until});
  }

  /// Refuses the handshake.
  /// @param status  the status of the response, 400 to 599; 401 if the client
  ///                has no valid credentials, 403 if it may not enter.
  /// @param body    the body: plain text, UTF-8. Browsers hide status and body
  ///                from pages.
  /// @param fields  further header fields, such as `WWW-Authenticate`.
  void refuse(unsigned status, std::string body = {},
              std::vector<header_field> fields = {}) const {
    decide_(
      {.status = status, .body = std::move(body), .fields = std::move(fields)});
  }

  /// Returns whether the client has gone or its time is over, so that the
  /// decision has no effect.
  bool is_gone() const noexcept {
    return decide_.is_gone();
  }

private:
  one_shot<verdict> decide_;
};

} // namespace troupe
