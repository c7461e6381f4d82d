#pragma once

#include "troupe/codec.hpp"
#include "troupe/handler.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace troupe {

/// Why a request of a `ws_client` has no answer.
struct request_error {
  /// A code of docs/protocol-2.md, such as `refused` or `timeout`, or one of
  /// the server's program.
  std::string code;
  std::string message = {}; ///< For people.
  /// Time after which another attempt may succeed; 0 if unknown.
  caf::timespan after{0};
};

/// @cond
namespace detail {

/// The outcome of a request: an answer, or an error with a code.
struct request_outcome {
  wire_value answer;
  request_error error = {}; ///< Without a code if there is an answer.
};

/// Sent to the actor of a client, which responds with a `request_outcome`.
struct client_question {
  std::string event;
  wire_value value;
  caf::timespan timeout{0};
  std::string room = {}; ///< Empty for none.
};

/// Returns the outcome of a request to a client that is closed.
request_outcome gone();

/// Asks the client and calls `f` in the turn of the client; on the calling
/// thread if the client has ended.
void ask(const caf::actor& client, client_question what,
         std::function<void(const request_outcome&)> f);

/// Calls one of the functions.
template <class A, class OnAnswer, class OnError>
void pass_outcome(const request_outcome& x, OnAnswer& on_answer,
                  OnError& on_error) {
  if (!x.error.code.empty())
    return on_error(x.error);
  if constexpr (std::is_void_v<A>) {
    on_answer();
  } else {
    A value{};
    event_view answer{"the answer", x.answer.tag, x.answer.payload};
    if (auto err = read(answer, value))
      on_error(request_error{"invalid", what(err)});
    else
      on_answer(std::as_const(value));
  }
}

} // namespace detail
/// @endcond

/// A request of a `ws_client` that has not been sent yet. `then` sends it, and
/// one of the two callbacks is called once: with the answer, or with an error.
/// Of two codes of errors the server does not know: `gone` means that the
/// request was not sent, `unknown_outcome` that the connection ended before the
/// answer, and that the request may have been handled.
/// @tparam A  the type of the answer: one that handlers of events may take by
///            value, or `void`, which accepts any answer.
template <class A>
class [[nodiscard]] ws_request {
public:
  /// Default time limit for the answer.
  static constexpr caf::timespan default_timeout = std::chrono::seconds{10};

  /// @private
  ws_request(caf::actor client, detail::client_question what)
    : client_{std::move(client)},
      what_{std::move(what)} {
  }

  /// Sends the request. The callbacks are callbacks of the client; if the
  /// client has ended, `on_error` is called on the calling thread.
  /// @param on_answer  takes a `const A&`, or nothing if `A` is `void`.
  /// @param on_error   takes a `const request_error&`.
  /// @param timeout    time limit, also while there is no connection.
  template <class OnAnswer, class OnError>
  void then(OnAnswer on_answer, OnError on_error,
            caf::timespan timeout = default_timeout) {
    what_.timeout = timeout;
    detail::ask(client_, std::move(what_),
                [f = std::move(on_answer), g = std::move(on_error)] //
                (const detail::request_outcome& x) mutable {
                  detail::pass_outcome<A>(x, f, g);
                });
  }

  /// Sends the request from an actor, whose callbacks these are.
  /// @param self  the calling actor.
  template <class OnAnswer, class OnError>
  void then(caf::event_based_actor& self, OnAnswer on_answer, OnError on_error,
            caf::timespan timeout = default_timeout) {
    what_.timeout = timeout;
    self.request(client_, caf::infinite, std::move(what_))
      .then(
        [f = std::move(on_answer), g = on_error] //
        (const detail::request_outcome& x) mutable {
          detail::pass_outcome<A>(x, f, g);
        },
        [g = std::move(on_error)](caf::error&) mutable {
          const auto end = detail::gone();
          g(end.error);
        });
  }

private:
  caf::actor client_;
  detail::client_question what_;
};

} // namespace troupe

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::request_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::client_question)
