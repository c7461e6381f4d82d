#pragma once

#include "troupe/codec.hpp"
#include "troupe/frame.hpp"
#include "troupe/handler.hpp"

#include <caf/error.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

/// @file
///
/// Handlers of a `ws_client` from callables. An event handler returns nothing
/// and takes no arguments, a value, a `ws_client&`, or a `ws_client&` and a
/// value. handler.hpp lists the types of values; the rules are the same as for
/// handlers of a connection.

namespace troupe {

class ws_client;

/// Type-erased event handler of a client.
/// @returns none; errc::type_mismatch or errc::invalid_value if the value does
///          not fit the parameter of the handler, which was not called then.
using client_event_handler
  = std::function<caf::error(ws_client&, const event_view&)>;

/// Type-erased handler of messages that are not events.
using client_message_handler = std::function<void(ws_client&, const frame&)>;

/// @cond
namespace detail {

template <class T>
concept event_value
  = !std::same_as<std::remove_cvref_t<T>,
                  ws_client> && is_readable<std::remove_cvref_t<T>>();

/// Calls `f` with `xs` and the value of the event.
template <class T, class F, class... Xs>
caf::error call_with_value(F& f, const event_view& x, Xs&... xs) {
  std::remove_cvref_t<T> value{};
  if (auto err = read(x, value))
    return err;
  f(xs..., static_cast<T&&>(value));
  return {};
}

template <class F>
client_event_handler erase_client(F f, const std::function<void()>*) {
  return [f = std::move(f)](ws_client&, const event_view&) mutable {
    f();
    return caf::error{};
  };
}

template <class F>
client_event_handler erase_client(F f, const std::function<void(ws_client&)>*) {
  return [f = std::move(f)](ws_client& c, const event_view&) mutable {
    f(c);
    return caf::error{};
  };
}

template <class F, event_value T>
client_event_handler erase_client(F f, const std::function<void(T)>*) {
  return [f = std::move(f)](ws_client&, const event_view& x) mutable {
    return call_with_value<T>(f, x);
  };
}

template <class F, event_value T>
client_event_handler
erase_client(F f, const std::function<void(ws_client&, T)>*) {
  return [f = std::move(f)](ws_client& c, const event_view& x) mutable {
    return call_with_value<T>(f, x, c);
  };
}

template <class F, class T>
requires std::invocable<F&, converted<T>>
  client_message_handler erase_client_message(F f,
                                              const std::function<void(T)>*) {
  return [f = std::move(f)](ws_client&, const frame& x) mutable {
    f(convert<T>(x));
  };
}

template <class F, class T>
requires std::invocable<F&, ws_client&, converted<T>> client_message_handler
erase_client_message(F f, const std::function<void(ws_client&, T)>*) {
  return [f = std::move(f)](ws_client& c, const frame& x) mutable {
    f(c, convert<T>(x));
  };
}

} // namespace detail
/// @endcond

/// Returns a type-erased event handler that calls `f`.
template <class F>
client_event_handler make_client_handler(F f) {
  constexpr auto fits = std::copy_constructible<F> && requires {
    detail::erase_client(std::move(f), detail::signature<F>{});
  };
  static_assert(fits,
                "An event handler of a client returns nothing and takes no "
                "arguments, a value, a ws_client&, or a ws_client& and a "
                "value. It must state these types (no auto, no std::bind) and "
                "be copyable.");
  if constexpr (fits)
    return detail::erase_client(std::move(f), detail::signature<F>{});
  else
    return {};
}

/// Returns a type-erased handler of messages that calls `f`.
/// @see ws_client::on_message
template <class F>
client_message_handler make_client_message_handler(F f) {
  constexpr auto fits = std::copy_constructible<F> && requires {
    detail::erase_client_message(std::move(f), detail::signature<F>{});
  };
  static_assert(fits,
                "A handler of messages returns nothing and takes a const "
                "frame&, a std::string_view or a std::string, optionally "
                "preceded by a ws_client&. It must state these types (no "
                "auto, no std::bind) and be copyable.");
  if constexpr (fits)
    return detail::erase_client_message(std::move(f), detail::signature<F>{});
  else
    return {};
}

} // namespace troupe
