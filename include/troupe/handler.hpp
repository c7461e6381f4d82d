#pragma once

#include "troupe/codec.hpp"
#include "troupe/event_type.hpp"
#include "troupe/event_value.hpp"
#include "troupe/frame.hpp"
#include "troupe/fwd.hpp"
#include "troupe/reply.hpp"
#include "troupe/requester.hpp"
#include "troupe/responder.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// @file
///
/// Event handlers from callables (C33, C34). An event handler is a function or
/// function object that takes no arguments, a value, a `connection&`, or a
/// `connection&` and a value; the handler of a client takes a `ws_client&`
/// instead. It may be `noexcept`. The type of the value is one of:
///
/// - `std::string`, or `std::string_view`, which is valid until the handler
///   returns;
/// - `bool`, or any integer or floating-point type. Character types such as
///   `char` are rejected, since they are neither text nor a number;
/// - `std::vector<std::byte>` for bytes;
/// - `nlohmann::json` for any value;
/// - `std::optional` of a type in this list, which is empty for an event
///   without data, which an empty string is, too, and for a JSON null;
/// - `event_view` for the event as it is on the wire;
/// - any default-constructible type with a `from_json` function of
///   nlohmann::json.
///
/// A handler of strings also accepts integers and booleans, as text. Any other
/// mismatch is an error (errc::type_mismatch). So is a number that does not fit
/// its type, at any depth of a list, a map or a type with `from_json`: one out
/// of range, a fraction for an integer, a boolean for a number. Real numbers
/// are rounded.
///
/// The result of a handler is the answer to a request (docs/protocol-2.md) and
/// dropped if the event is none. A handler returns one of:
///
/// - nothing. The request is answered without a value after all handlers of the
///   event have run;
/// - a value that `to_wire` takes: text, `bool`, integers, bytes, a
///   `std::optional`, which is a JSON null if it is empty, or any type with
///   `to_json`. Text may be a `const char*`, which must not be null; other
///   pointers do not compile;
/// - a `refusal`, which the client sees: `return refuse("full");`;
/// - a `reply` of such a value, or `reply<void>`: either of the above.
///
/// A handler that answers later returns nothing and takes a `responder` as its
/// last parameter, which any thread or actor of the process may use:
///
///     c.on("find", [](const std::string& what, responder<int> who) { ... });
///
/// If several handlers of an event answer, the first answer counts. An answer
/// that cannot be encoded is refused with `failed`, and so is the request if
/// the handler throws; if the value does not fit the handler, with `invalid`.
///
/// A `caf::error` or `caf::expected` is no result, since the text of an error
/// is meant for the log and not for clients: use `refuse`. A handler has to
/// state the types of its parameters: `auto` parameters, overloaded call
/// operators and the result of `std::bind` do not compile, and neither do
/// coroutines.

namespace troupe {

/// Type-erased event handler. Answers the `requester` as described above,
/// except for handlers without a result and for errors and exceptions, which
/// are left to the caller.
/// @tparam Owner  whose events it handles: `connection` or `ws_client`.
/// @returns none; errc::type_mismatch or errc::invalid_value if the payload
///          does not fit the parameter of the handler, which was not called
///          then.
template <class Owner>
using basic_event_handler
  = std::function<caf::error(Owner&, const event_view&, requester&)>;

/// The event handler of a connection.
using event_handler = basic_event_handler<connection>;

/// @cond
namespace detail {

/// A function object with one call operator, or a function.
template <class F>
concept states_parameters = requires(F f) {
  std::function{std::move(f)};
};

/// Pointer to what `std::function` makes of an `F`.
template <states_parameters F>
using signature = decltype(std::function{std::declval<F>()}) *;

template <class T>
inline constexpr bool is_responder = false;

template <class T>
inline constexpr bool is_responder<responder<T>> = true;

template <class T>
inline constexpr bool is_reply = false;

template <class T>
inline constexpr bool is_reply<reply<T>> = true;

/// Whether an event handler may return a `T` without const and reference.
template <class T>
consteval bool is_result() {
  if constexpr (std::is_void_v<T> || std::is_same_v<T, refusal>)
    return true;
  else if constexpr (is_reply<T>)
    return is_result<typename T::value_type>();
  else
    return is_sendable<T>();
}

/// The parameters of an event handler: its owner, a value and a responder, each
/// of them optional.
template <class Owner, class... Ts>
struct parameters {
  template <size_t N>
  using nth = std::tuple_element_t<N, std::tuple<void, Ts...>>;

  static constexpr size_t count = sizeof...(Ts);
  using first = nth<std::min<size_t>(1, count)>;
  using last = nth<count>;

  static constexpr bool has_owner = std::is_same_v<first, Owner&>;
  static constexpr bool has_responder = is_responder<std::remove_cvref_t<last>>;
  static constexpr size_t values = count - size_t{has_owner}
                                   - size_t{has_responder};

  /// The type of the value; void if there is none.
  using value = nth<values == 1 ? 1 + size_t{has_owner} : 0>;

  /// Whether there are no other parameters.
  static consteval bool fit() {
    if constexpr (has_responder)
      return values < 2
             && std::is_convertible_v<std::remove_cvref_t<last>, last>;
    else
      return values < 2;
  }

  /// Whether the value can be read.
  static consteval bool has_readable_value() {
    using type = std::remove_cvref_t<value>;
    if constexpr (std::is_void_v<type>)
      return true;
    else
      return !std::is_same_v<type, Owner> && is_readable<type>();
  }
};

/// Calls `f`, which returns an `R` and has the parameters `Ts`, for an event.
template <class Owner, class F, class R, class... Ts>
struct event_caller {
  using parts = parameters<Owner, Ts...>;

  F f;

  caf::error operator()(Owner& c, const event_view& x, requester& from) {
    if constexpr (parts::values == 0) {
      call(c, from);
    } else {
      using type = typename parts::value;
      std::remove_cvref_t<type> value{};
      if (auto err = read(x, value))
        return err;
      call(c, from, static_cast<type&&>(value));
    }
    return {};
  }

  template <class... Values>
  void call(Owner& c, requester& from, Values&&... xs) {
    if constexpr (parts::has_owner)
      answer(from, c, std::forward<Values>(xs)...);
    else
      answer(from, std::forward<Values>(xs)...);
  }

  template <class... Arguments>
  void answer(requester& from, Arguments&&... xs) {
    if constexpr (parts::has_responder) {
      answer_later(from.hold(), std::forward<Arguments>(xs)...);
    } else if constexpr (std::is_void_v<R>) {
      f(std::forward<Arguments>(xs)...);
    } else {
      decltype(auto) result = f(std::forward<Arguments>(xs)...);
      if (from.is_request())
        from.settle(to_outcome(result));
    }
  }

  template <class... Arguments>
  void answer_later(const one_shot<outcome>& give, Arguments&&... xs) {
    try {
      f(std::forward<Arguments>(xs)...,
        std::remove_cvref_t<typename parts::last>{give});
    } catch (...) {
      give(refuse("failed", "the handler failed"));
      throw;
    }
  }
};

template <class Owner, class F, class R, class... Ts>
basic_event_handler<Owner> erase(F f, const std::function<R(Ts...)>*) {
  using parts = parameters<Owner, Ts...>;
  constexpr auto is_answer = is_result<std::remove_cvref_t<R>>();
  constexpr auto answers_once = !parts::has_responder || std::is_void_v<R>;
  constexpr auto fits = parts::fit();
  constexpr auto is_value = parts::has_readable_value();
  static_assert(is_answer,
                "An event handler must return void, a value that emit takes, "
                "troupe::reply of one, or troupe::refusal. It must not be a "
                "coroutine, and must not return a pointer, a caf::error or a "
                "caf::expected: return troupe::refuse(code, text).");
  static_assert(!is_answer || answers_once,
                "An event handler with a troupe::responder must return void: "
                "the responder answers.");
  static_assert(fits,
                "An event handler takes no arguments, a value, a "
                "connection&, or a connection& and a value, and after these "
                "optionally a troupe::responder. The handler of a client takes "
                "a ws_client& instead of the connection.");
  static_assert(!fits || is_value,
                "An event handler takes its value as std::string, "
                "std::string_view, bool, an integer type (no char), double, "
                "std::vector<std::byte>, nlohmann::json, troupe::event_view, "
                "std::optional of these, or a default-constructible type with "
                "from_json; and the connection as connection&.");
  if constexpr (is_answer && answers_once && fits && is_value)
    return event_caller<Owner, F, R, Ts...>{std::move(f)};
  else
    return {};
}

} // namespace detail

/// @endcond

/// Returns a type-erased event handler that calls `f`.
/// @tparam Owner  `connection` or `ws_client`.
/// @param f  a callable as described at the top of this header; must be
///           copyable.
template <class Owner = connection, class F>
basic_event_handler<Owner> make_event_handler(F f) {
  constexpr auto is_stated = detail::states_parameters<F>;
  constexpr auto is_copyable = std::copy_constructible<F>;
  static_assert(is_copyable,
                "An event handler must be copyable: capture a "
                "std::shared_ptr instead of a std::unique_ptr.");
  static_assert(!is_copyable || is_stated,
                "An event handler must state the types of its parameters and "
                "take the connection by reference: no auto, no overloaded call "
                "operator, no std::bind. Wrap it in a lambda such as "
                "[](connection& c, int value) { ... }.");
  if constexpr (is_copyable && is_stated) {
    return detail::erase<Owner>(std::move(f), detail::signature<F>{});
  } else {
    return {};
  }
}

/// @cond
namespace detail {

/// Whether a `U` is as good as a `T` in the signature of a handler.
template <class U, class T>
inline constexpr bool stands_for
  = std::is_same_v<
      U,
      T> || (std::is_same_v<T, std::string> && std::is_same_v<U, std::string_view>);

/// Whether a handler ignores the value or takes it as a `T`.
template <class Owner, class T, class R, class... Ts>
consteval bool takes(const std::function<R(Ts...)>*) {
  using value = std::remove_cvref_t<typename parameters<Owner, Ts...>::value>;
  return std::is_void_v<value> || stands_for<value, T>;
}

/// Whether a handler answers with an `A` or a refusal.
template <class Owner, class A, class R, class... Ts>
consteval bool answers(const std::function<R(Ts...)>*) {
  using parts = parameters<Owner, Ts...>;
  using result = std::remove_cvref_t<R>;
  if constexpr (parts::has_responder)
    return std::is_same_v<std::remove_cvref_t<typename parts::last>,
                          responder<A>>;
  else
    return stands_for<
             result,
             A> || std::is_same_v<result, reply<A>> || std::is_same_v<result, refusal>;
}

} // namespace detail
/// @endcond

/// Returns a type-erased event handler that calls `f`.
/// @tparam Owner  `connection` or `ws_client`.
/// @param f  a callable as described in handler.hpp, which takes the value as
///           it is in the type of `name`, or not at all, and answers a request
///           as it is there.
template <class Owner = connection, typed_name Name, class F>
basic_event_handler<Owner> make_event_handler(const Name&, F f) {
  if constexpr (detail::states_parameters<F>) {
    using type = detail::signature<F>;
    constexpr auto takes_it
      = detail::takes<Owner, typename Name::value_type>(type{});
    static_assert(takes_it,
                  "The handler takes another type than the event_type or the "
                  "request_type has.");
    if constexpr (requires { typename Name::answer_type; }) {
      constexpr auto answers_it
        = detail::answers<Owner, typename Name::answer_type>(type{});
      static_assert(answers_it,
                    "The handler of a request_type<Q, A> returns an A, a "
                    "reply<A> or a refusal, or takes a responder<A>.");
    }
  }
  return make_event_handler<Owner>(std::move(f));
}

/// Returns `f`.
inline event_handler make_event_handler(event_handler f) {
  return f;
}

/// Type-erased handler of messages that are not events.
template <class Owner>
using basic_message_handler = std::function<void(Owner&, const frame&)>;

/// The handler of messages of a connection that are not events.
using message_handler = basic_message_handler<connection>;

/// @cond
namespace detail {

/// What a handler with a parameter of type `T` is given of a message.
template <class T, class To = std::remove_cvref_t<T>>
decltype(auto) convert(const frame& x) {
  if constexpr (std::is_same_v<To, frame>)
    return (x);
  else if constexpr (std::is_same_v<
                       To, std::string_view> || std::is_same_v<To, std::string>)
    return To{x.payload()};
}

template <class T>
using converted = decltype(convert<T>(std::declval<const frame&>()));

template <class Owner, class F, class T>
requires std::invocable<F&, converted<T>> basic_message_handler<Owner>
erase_message(F f, const std::function<void(T)>*) {
  return
    [f = std::move(f)](Owner&, const frame& x) mutable { f(convert<T>(x)); };
}

template <class Owner, class F, class T>
requires std::invocable<F&, Owner&, converted<T>> basic_message_handler<Owner>
erase_message(F f, const std::function<void(Owner&, T)>*) {
  return [f = std::move(f)](Owner& c, const frame& x) mutable {
    f(c, convert<T>(x));
  };
}

} // namespace detail
/// @endcond

/// Returns a type-erased handler of messages that calls `f`.
/// @tparam Owner  `connection` or `ws_client`.
/// @see connection::on_message
template <class Owner = connection, class F>
basic_message_handler<Owner> make_message_handler(F f) {
  constexpr auto fits = std::copy_constructible<F> && requires {
    detail::erase_message<Owner>(std::move(f), detail::signature<F>{});
  };
  static_assert(fits,
                "A handler of messages returns nothing and takes a const "
                "frame&, a std::string_view or a std::string, optionally "
                "preceded by a connection& (for a client, a ws_client&). It "
                "must state these types (no auto, no std::bind) and be "
                "copyable.");
  if constexpr (fits)
    return detail::erase_message<Owner>(std::move(f), detail::signature<F>{});
  else
    return {};
}

/// Holds a function that troupe calls with arguments of types `Ts`. Constructed
/// from any copyable callable that accepts these and returns nothing.
template <class... Ts>
class callback : public std::function<void(Ts...)> {
public:
  /// Takes `f`, which must not be null.
  template <class F>
  requires(!std::is_same_v<F, callback>)
    && std::is_invocable_v<F&, Ts...>&& std::copy_constructible<F> callback(F f)
    : std::function<void(Ts...)>(std::move(f)) {
    static_assert(std::is_void_v<std::invoke_result_t<F&, Ts...>>,
                  "A callback must return void and must not be a coroutine: "
                  "nobody would see the result.");
  }
};

} // namespace troupe
