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

/// What the application notes about a connection, by name (C47). Any copyable
/// value; text is kept as `std::string`.
class values {
public:
  /// Replaces what was there.
  template <class T>
  void set(std::string key, T&& x) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>)
      entries_[std::move(key)] = std::string{std::string_view{x}};
    else
      entries_[std::move(key)] = std::forward<T>(x);
  }

  /// The value; null if there is none or it is no `T`. Good until it is set
  /// again.
  template <class T>
  const T* get(std::string_view key) const {
    auto i = entries_.find(key);
    return i == entries_.end() ? nullptr : std::any_cast<T>(&i->second);
  }

  /// The text; empty if there is none.
  std::string get_string(std::string_view key) const;

  /// The integer, of whatever type it was set, or the one that a text is in
  /// decimal; else 0.
  int64_t get_int(std::string_view key) const;

  /// The list of texts; empty if there is none.
  std::vector<std::string> get_strings(std::string_view key) const;

private:
  std::map<std::string, std::any, std::less<>> entries_;
};

} // namespace troupe
