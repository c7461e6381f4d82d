#pragma once

#include "troupe/codec.hpp"

#include <caf/timespan.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

/// @file
///
/// What the handler of a request answers with: a value or a refusal.

namespace troupe {

/// Maximum time limit for an answer; longer ones are taken for it.
inline constexpr caf::timespan max_request_timeout
  = std::chrono::hours{24 * 365};

/// Maximum length of the code of a refusal in bytes.
inline constexpr size_t max_refusal_code_size = 64;

/// Returns whether `x` is 1 to 64 of the characters a-z, 0-9 and '_'.
constexpr bool is_refusal_code(std::string_view x) noexcept {
  return !x.empty() && x.size() <= max_refusal_code_size
         && std::all_of(x.begin(), x.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                     || c == '_';
            });
}

/// Tells a client why its request is not answered with a value. The client sees
/// all members.
struct refusal {
  /// A word for programs: see `is_refusal_code`. docs/protocol-2.md lists the
  /// codes that have a meaning; programs add their own.
  std::string code;

  /// A text for people in UTF-8; may be empty.
  std::string message = {};

  /// The time after which another attempt may succeed; 0 if it is unknown.
  /// Clients get it in milliseconds.
  caf::timespan retry_after{0};

  friend bool operator==(const refusal&, const refusal&) = default;
};

/// Returns a refusal.
[[nodiscard]] inline refusal
refuse(std::string code, std::string message = {},
       caf::timespan retry_after = caf::timespan{0}) {
  return {std::move(code), std::move(message), retry_after};
}

/// @cond
namespace detail {

/// Whether `to_wire` takes a `T`.
template <class T>
consteval bool is_sendable() {
  if constexpr (character<T> || foreign_text<T>)
    return false;
  else if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return true;
  else if constexpr (std::is_pointer_v<T> || std::is_array_v<T>)
    return false;
  else if constexpr (is_optional<T>)
    return is_sendable<typename T::value_type>();
  else
    return std::is_constructible_v<nlohmann::json, const T&>;
}

} // namespace detail
/// @endcond

/// The answer to a request: a value of type `T` or a refusal. A handler may
/// return one.
/// @tparam T  a type that `to_wire` takes, or `void` for an answer without a
///            value.
template <class T>
class reply {
public:
  static_assert(std::is_object_v<T> && !std::is_same_v<T, refusal>,
                "troupe::reply holds a value or a refusal.");

  using value_type = T;

  /// Answers with `x`.
  template <class U = T>
  requires(!std::same_as<std::remove_cvref_t<U>, reply>)
    && (!std::same_as<std::remove_cvref_t<U>,
                      refusal>) &&std::convertible_to<U, T> reply(U&& x)
    : content_(std::in_place_index<0>, std::forward<U>(x)) {
  }

  /// Refuses the request.
  reply(refusal why) : content_(std::in_place_index<1>, std::move(why)) {
  }

  /// Returns whether there is a value.
  explicit operator bool() const noexcept {
    return content_.index() == 0;
  }

  /// Returns the value.
  /// @throws std::bad_variant_access if there is a refusal.
  T& value() & {
    return std::get<0>(content_);
  }

  /// @copydoc value
  const T& value() const& {
    return std::get<0>(content_);
  }

  /// @copydoc value
  T&& value() && {
    return std::get<0>(std::move(content_));
  }

  /// @copydoc value
  T& operator*() & {
    return value();
  }

  /// @copydoc value
  const T& operator*() const& {
    return value();
  }

  /// @copydoc value
  T&& operator*() && {
    return std::move(*this).value();
  }

  /// Returns a pointer to the value.
  /// @throws std::bad_variant_access if there is a refusal.
  T* operator->() {
    return &value();
  }

  /// @copydoc operator->
  const T* operator->() const {
    return &value();
  }

  /// Returns the refusal.
  /// @throws std::bad_variant_access if there is a value.
  const refusal& why() const {
    return std::get<1>(content_);
  }

private:
  std::variant<T, refusal> content_;
};

/// The answer to a request that has no value: done, or a refusal.
template <>
class reply<void> {
public:
  using value_type = void;

  /// Answers without a value.
  reply() = default;

  /// Refuses the request.
  reply(refusal why) : why_(std::move(why)) {
  }

  /// Returns whether the request is not refused.
  explicit operator bool() const noexcept {
    return !why_.has_value();
  }

  /// Returns the refusal.
  /// @throws std::bad_optional_access if there is none.
  const refusal& why() const {
    return why_.value();
  }

private:
  std::optional<refusal> why_;
};

/// The answer to a request in wire format. Values from `to_outcome` can be
/// sent.
using outcome = std::variant<wire_value, refusal>;

/// Returns the outcome of a request that is answered without a value.
inline outcome to_outcome() {
  return wire_value{};
}

/// Returns a refusal that can be sent: an invalid code becomes `failed`, a
/// message that is not UTF-8 is left out, and a negative time is 0.
outcome to_outcome(refusal x);

/// Returns `x`, or the refusal `failed` if `to_wire` made `x` from a value
/// without a representation in JSON.
outcome to_outcome(wire_value x);

/// Encodes `x`. The outcome of a value without a representation in JSON is the
/// refusal `failed`. Passes on exceptions from a `to_json` function.
template <class T>
outcome to_outcome(const T& x) {
  return to_outcome(to_wire(x));
}

/// Encodes the value or the refusal in `x`, as above.
template <class T>
outcome to_outcome(const reply<T>& x) {
  if (!x)
    return to_outcome(x.why());
  if constexpr (std::is_void_v<T>)
    return to_outcome();
  else
    return to_outcome(x.value());
}

} // namespace troupe
