#pragma once

#include <nlohmann/json.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

/// @file
///
/// Strict conversion of JSON to numbers. By itself, nlohmann::json converts
/// silently: 300 becomes 44 in a `uint8_t`, 1.5 becomes 1, true becomes 1, and
/// 1e300 in an `int` is undefined behavior. While troupe reads the value of an
/// event (troupe/handler.hpp), such a number is an error at every depth:
/// in containers, in enumerations, and in `from_json` functions of users.
/// Conversions in other places are those of nlohmann::json.

/// @cond
namespace troupe::detail {

/// Makes conversions on the calling thread strict as long as it exists.
class strict_numbers {
public:
  strict_numbers() noexcept;
  ~strict_numbers();
  strict_numbers(const strict_numbers&) = delete;
  strict_numbers& operator=(const strict_numbers&) = delete;

private:
  bool outer_;
};

template <class T>
concept number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

/// Throws if conversions are strict and `x` is not an integer from `least` to
/// `most`.
void require_integer(const nlohmann::json& x, int64_t least, uint64_t most);

/// Throws if conversions are strict and `x` is not a number from -`most` to
/// `most`.
void require_real(const nlohmann::json& x, double most);

/// Throws nlohmann::json::type_error if conversions are strict and `x` does not
/// fit into a `T`. A real number may be rounded.
template <number T>
void require(const nlohmann::json& x) {
  using limits = std::numeric_limits<T>;
  if constexpr (std::integral<T>)
    require_integer(x, static_cast<int64_t>(limits::min()),
                    static_cast<uint64_t>(limits::max()));
  else if constexpr (sizeof(T) < sizeof(double))
    require_real(x, limits::max());
  else
    require_real(x, std::numeric_limits<double>::max());
}

} // namespace troupe::detail

namespace nlohmann {

/// Converts numbers wherever a type is read.
/// @note A compiler that complains about a specialization after instantiation
///       means that an earlier line converts JSON to numbers: there, include
///       <troupe/codec.hpp> in place of <nlohmann/json.hpp>. A `from_json` in
///       a file without any header of troupe may remain unchecked.
template <troupe::detail::number T>
struct adl_serializer<T, void> {
  template <class Json>
  static void from_json(const Json& x, T& out) {
    if constexpr (std::same_as<Json, json>)
      troupe::detail::require<T>(x);
    nlohmann::from_json(x, out);
  }

  template <class Json>
  static void to_json(Json& out, T x) {
    nlohmann::to_json(out, x);
  }
};

/// Called by nlohmann::json to read the number of an enumeration, in place of
/// its own function of this name.
template <troupe::detail::number T>
void get_arithmetic_value(const json& x, T& out) {
  troupe::detail::require<T>(x);
  detail::get_arithmetic_value(x, out);
}

} // namespace nlohmann
/// @endcond
