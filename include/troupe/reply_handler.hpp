#pragma once

#include "troupe/handler.hpp"
#include "troupe/reply.hpp"

#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

/// @file
///
/// Handlers of the answers to requests.

/// @cond
namespace troupe::detail {

/// The value of an answer, valid during the call, or why there is none.
using answer_view = std::variant<event_view, refusal>;

/// Type-erased handler of an answer.
/// @tparam Owner  who has asked: `connection` or `ws_client`.
template <class Owner>
using reply_handler = std::function<void(Owner&, const answer_view&)>;

/// Returns the answer `x` as a value of type `A`.
template <class A>
reply<A> to_reply(const answer_view& x) {
  if (const auto* why = std::get_if<refusal>(&x))
    return *why;
  if constexpr (std::is_void_v<A>) {
    return {};
  } else {
    try {
      A value{};
      if (auto err = read(std::get<event_view>(x), value))
        return refuse("invalid", what(err));
      return value;
    } catch (...) { // A `from_json` function has thrown.
      return refuse("invalid", "the value cannot be read");
    }
  }
}

/// Returns a type-erased handler of answers that calls `f`.
template <class Owner, class A, class F>
reply_handler<Owner> make_reply_handler(F f) {
  if constexpr (std::is_invocable_r_v<void, F&, Owner&, reply<A>>) {
    return [f = std::move(f)](Owner& c, const answer_view& x) mutable {
      f(c, to_reply<A>(x));
    };
  } else {
    constexpr auto fits = std::is_invocable_r_v<void, F&, reply<A>>;
    static_assert(fits,
                  "A handler of answers takes a reply<A>, optionally preceded "
                  "by a connection& (for a client, a ws_client&), and returns "
                  "nothing.");
    if constexpr (fits)
      return [f = std::move(f)](Owner&, const answer_view& x) mutable {
        f(to_reply<A>(x));
      };
    else
      return {};
  }
}

} // namespace troupe::detail
/// @endcond
