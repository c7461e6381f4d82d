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

template <class T>
concept run_time_text
  = std::convertible_to<const T&, std::string_view> && !std::is_array_v<T>;

} // namespace detail
/// @endcond

/// Refers to a name that is a string literal in the source. A name that
/// `IsValid` rejects, or that contains a NUL, does not compile.
/// @tparam IsValid  whether a name is valid.
template <bool (*IsValid)(std::string_view) noexcept>
class literal {
public:
  /// Refers to `name`.
  template <size_t N>
  consteval literal(const char (&name)[N]) : name_(name, N - 1) {
    if (name[N - 1] != '\0' || name_.find('\0') != name_.npos
        || !IsValid(name_))
      detail::invalid_name_in_the_source();
  }

  /// Returns the name.
  constexpr std::string_view get() const noexcept {
    return name_;
  }

  /// Returns the name.
  constexpr operator std::string_view() const noexcept {
    return name_;
  }

private:
  std::string_view name_; // Has static storage duration.
};

/// Refers to a name that is computed at run time: any text but a string
/// literal or another array of characters, which has to be passed as
/// `std::string_view`. A null pointer is an empty name. Valid as long as the
/// text.
class dynamic_name {
public:
  /// Refers to `name`.
  template <detail::run_time_text T>
  dynamic_name(const T& name) {
    if constexpr (std::is_pointer_v<T>)
      name_ = name != nullptr ? std::string_view{name} : std::string_view{};
    else
      name_ = name;
  }

  /// Returns the name.
  std::string_view get() const noexcept {
    return name_;
  }

private:
  std::string_view name_;
};

} // namespace troupe
