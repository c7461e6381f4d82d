#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {

/// Stores values of an application for one connection, by name (C47). Values
/// may have any copyable type; text is stored as `std::string`. Not
/// thread-safe.
class values {
public:
  /// Stores `x` under `key`, and replaces an earlier value.
  template <class T>
  void set(std::string key, T&& x) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>)
      entries_[std::move(key)] = std::string{std::string_view{x}};
    else
      entries_[std::move(key)] = std::forward<T>(x);
  }

  /// Returns the value stored under `key`, or null if there is none of type
  /// `T`. The pointer is valid until the key is set again.
  template <class T>
  const T* get(std::string_view key) const {
    auto i = entries_.find(key);
    return i == entries_.end() ? nullptr : std::any_cast<T>(&i->second);
  }

  /// Returns the text stored under `key`; empty if there is none.
  std::string get_string(std::string_view key) const;

  /// Returns the integer stored under `key`, or the number that a text stored
  /// there represents in decimal; otherwise 0. Integers of types smaller than
  /// `short` are not converted, nor are values above 2^63-1: the result is 0.
  int64_t get_int(std::string_view key) const;

  /// Returns the list of strings stored under `key`, as
  /// `std::vector<std::string>`; empty if there is none.
  std::vector<std::string> get_strings(std::string_view key) const;

private:
  std::map<std::string, std::any, std::less<>> entries_;
};

} // namespace troupe
