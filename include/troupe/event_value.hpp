#pragma once

#include "troupe/codec.hpp"
#include "troupe/error.hpp"
#include "troupe/strict_numbers.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// @file
///
/// Reads the values of events. handler.hpp lists the types.

/// @cond
namespace troupe::detail {

/// What nlohmann::json would read as a number.
template <class T>
concept unreadable = character<T> || foreign_text<T> || std::is_pointer_v<
  T> || std::is_same_v<T, std::byte>;

template <class T>
concept has_from_json = requires(const nlohmann::json& x, T& out) {
  x.get_to(out);
};

/// Whether the value of an event can be read into a `T`.
template <class T>
consteval bool is_readable() {
  if constexpr (std::is_same_v<
                  T, event_view> || std::is_same_v<T, std::string_view>)
    return true;
  else if constexpr (unreadable<T>)
    return false;
  else if constexpr (is_optional<T>)
    return is_readable<typename T::value_type>();
  else
    return std::default_initializable<T> && has_from_json<T>;
}

caf::error mismatch(const event_view& x, std::string_view wanted);

caf::error read(const event_view& x, std::string& out);
caf::error read(const event_view& x, bool& out);
caf::error read(const event_view& x, double& out);
caf::error read(const event_view& x, std::vector<std::byte>& out);
caf::error read(const event_view& x, nlohmann::json& out);
caf::error read(const event_view& x, int64_t& out);

/// Returns whether `x` has a value other than a JSON null.
bool has_value(const event_view& x) noexcept;

template <class T>
caf::error read(const event_view& x, T& out) {
  if constexpr (std::is_same_v<T, event_view>) {
    out = x;
    return {};
  } else if constexpr (is_optional<T>) {
    return has_value(x) ? read(x, out.emplace()) : caf::error{};
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
  } else if constexpr (std::floating_point<T>) {
    double value = 0;
    if (auto err = read(x, value))
      return err;
    if (std::abs(value) > std::numeric_limits<T>::max())
      return mismatch(x, "a number in range");
    out = static_cast<T>(value);
    return {};
  } else {
    nlohmann::json value;
    if (auto err = read(x, value))
      return err;
    try {
      strict_numbers while_reading;
      value.get_to(out);
    } catch (const nlohmann::json::exception& e) {
      // from_json reports errors by exceptions; convert them to error values.
      return make_error(errc::type_mismatch,
                        std::string{x.name} + ": " + e.what());
    }
    return {};
  }
}

} // namespace troupe::detail
/// @endcond
