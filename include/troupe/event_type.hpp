#pragma once

#include "troupe/codec.hpp"

#include <concepts>

/// @file
///
/// Names of events and requests with the types of their values. Where the name
/// of an event goes, in `on`, `emit`, `request` and `server::serve`, one of
/// these goes too, and the compiler checks what is sent and what a handler
/// takes and returns:
///
///     constexpr troupe::event_type<line> said{"said"};
///     constexpr troupe::request_type<int, bool> bid{"bid"};
///
///     c.emit(said, line{"Ann", "hello"});
///     c.on(bid, [](int price) { return price > 10; });
///
/// The messages are the same. What another program sends is checked when it
/// arrives, as always.

namespace troupe {

/// The name of an event whose value is a `T`.
/// @tparam T  what a handler may take (see handler.hpp) and can be kept, or
///            `void` for an event without data.
template <class T = void>
class event_type {
public:
  using value_type = T;

  /// @param name  a literal that is a valid name.
  consteval event_type(event_literal name) : name_(name) {
  }

  constexpr event_literal name() const noexcept {
    return name_;
  }

private:
  event_literal name_;
};

/// The name of a request that has a `Q` as its value and is answered with an
/// `A`.
/// @tparam Q  as for `event_type`.
/// @tparam A  the same; `void` for an answer without a value.
template <class Q, class A = void>
class request_type {
public:
  using value_type = Q;
  using answer_type = A;

  /// @param name  a literal that is a valid name.
  consteval request_type(event_literal name) : name_(name) {
  }

  constexpr event_literal name() const noexcept {
    return name_;
  }

private:
  event_literal name_;
};

/// An `event_type` or a `request_type`.
template <class T>
concept typed_name = requires(const T& x) {
  typename T::value_type;
  { x.name() } -> std::same_as<event_literal>;
};

} // namespace troupe
