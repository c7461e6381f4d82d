#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

/// @file
///
/// Names in the source and names computed at run time. The compiler checks the
/// former; functions that take the latter return an error that must not be
/// ignored.

namespace troupe {

/// @cond
namespace detail {

/// Not `constexpr`, so that the call for an invalid literal does not compile.
inline void invalid_name_in_the_source() {
}

} // namespace detail
/// @endcond

/// Refers to a name that is a string literal in the source. An invalid name
/// does not compile.
/// @tparam IsValid  whether a name is valid.
template <bool (*IsValid)(std::string_view) noexcept>
class literal {
public:
  /// Refers to `name`.
  template <size_t N>
  consteval literal(const char (&name)[N]) : name_(name, N - 1) {
    if (!IsValid(name_))
      detail::invalid_name_in_the_source();
  }

  /// Returns the name.
  constexpr std::string_view get() const noexcept {
    return name_;
  }

private:
  std::string_view name_; // Has static storage duration.
};

/// Refers to a name that is computed at run time: any text but a string
/// literal. Valid as long as this text.
class dynamic_name {
public:
  /// Refers to `name`.
  template <class T>
  requires std::convertible_to<const T&, std::string_view> &&(
    !std::is_array_v<T>) dynamic_name(const T& name) noexcept
    : name_(name) {
  }

  /// Returns the name.
  std::string_view get() const noexcept {
    return name_;
  }

private:
  std::string_view name_;
};

} // namespace troupe
