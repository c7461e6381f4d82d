#pragma once

#include "troupe/codec.hpp"
#include "troupe/error.hpp"
#include "troupe/fwd.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// @file
///
/// Event handlers from callables (C33, C34). An event handler is a callable
/// that takes no arguments, a value, a `connection&`, or a `connection&` and a
/// value. The type of the value is one of:
///
/// - `std::string`, or `std::string_view`, which is valid until the handler
///   returns;
/// - any integer type, `bool` or `double`;
/// - `std::vector<std::byte>` for bytes;
/// - `nlohmann::json` for any value;
/// - `event_view` for the event as it is on the wire;
/// - any type with a `from_json` function of nlohmann::json.
///
/// A handler of strings also accepts integers and booleans, as text. Any other
/// mismatch is an error (errc::type_mismatch).

namespace troupe {

/// Type-erased event handler.
/// @returns none; errc::type_mismatch or errc::invalid_value if the payload
///          does not fit the parameter of the handler, which was not called
///          then.
using event_handler = std::function<caf::error(connection&, const event_view&)>;

/// @cond
namespace detail {

template <class F>
struct signature : signature<decltype(&F::operator())> {};

template <class R, class... Ts>
struct signature<R (*)(Ts...)> {
  using type = void(std::decay_t<Ts>...);
};

template <class R, class C, class... Ts>
struct signature<R (C::*)(Ts...)> : signature<R (*)(Ts...)> {};

template <class R, class C, class... Ts>
struct signature<R (C::*)(Ts...) const> : signature<R (*)(Ts...)> {};

caf::error mismatch(const event_view& x, std::string_view wanted);

caf::error read(const event_view& x, std::string& out);
caf::error read(const event_view& x, bool& out);
caf::error read(const event_view& x, double& out);
caf::error read(const event_view& x, std::vector<std::byte>& out);
caf::error read(const event_view& x, nlohmann::json& out);
caf::error read(const event_view& x, int64_t& out);

template <class T>
caf::error read(const event_view& x, T& out) {
  if constexpr (std::is_same_v<T, event_view>) {
    out = x;
    return {};
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    // Points into the message; valid until the handler returns.
    if (x.tag == type_tag::json || x.tag == type_tag::bytes)
      return mismatch(x, "a string");
    out = x.payload;
    return {};
  } else if constexpr (std::integral<T>) {
    int64_t value = 0;
    if (auto err = read(x, value))
      return err;
    if (!std::in_range<T>(value))
      return mismatch(x, "an integer in range");
    out = static_cast<T>(value);
    return {};
  } else {
    nlohmann::json value;
    if (auto err = read(x, value))
      return err;
    try {
      value.get_to(out);
    } catch (const nlohmann::json::exception& e) {
      // from_json reports errors by exceptions; convert them to error values.
      return make_error(errc::type_mismatch,
                        std::string{x.name} + ": " + e.what());
    }
    return {};
  }
}

template <class F, class Signature = typename signature<std::decay_t<F>>::type>
struct erase;

template <class F>
struct erase<F, void()> {
  static event_handler from(F f) {
    return [f = std::move(f)](connection&, const event_view&) mutable {
      f();
      return caf::error{};
    };
  }
};

template <class F>
struct erase<F, void(connection)> {
  static event_handler from(F f) {
    return [f = std::move(f)](connection& c, const event_view&) mutable {
      f(c);
      return caf::error{};
    };
  }
};

template <class F, class T>
struct erase<F, void(T)> {
  static event_handler from(F f) {
    return [f = std::move(f)](connection&, const event_view& x) mutable {
      T value{};
      if (auto err = read(x, value))
        return err;
      f(value);
      return caf::error{};
    };
  }
};

template <class F, class T>
struct erase<F, void(connection, T)> {
  static event_handler from(F f) {
    return [f = std::move(f)](connection& c, const event_view& x) mutable {
      T value{};
      if (auto err = read(x, value))
        return err;
      f(c, value);
      return caf::error{};
    };
  }
};

} // namespace detail

/// @endcond

/// Returns a type-erased event handler that calls `f`.
template <class F>
event_handler make_event_handler(F f) {
  return detail::erase<F>::from(std::move(f));
}

} // namespace troupe
