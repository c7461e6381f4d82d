#pragma once

#include "troupe/config.hpp"
#include "troupe/listener_config.hpp"
#include "troupe/log.hpp"

#include <caf/config_option.hpp>
#include <caf/config_value.hpp>
#include <caf/expected.hpp>
#include <caf/pec.hpp>
#include <caf/string_view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

/// Options whose values are the enumerators of an enum.
namespace troupe::base {

/// The option values of an enum, in the order of its enumerators.
template <class Enum>
inline constexpr std::array<std::string_view, 0> words_for{};

template <>
inline constexpr std::array words_for<overflow>{std::string_view{"disconnect"},
                                                std::string_view{"drop-oldest"},
                                                std::string_view{"drop-newest"},
                                                std::string_view{"conflate"}};

template <>
inline constexpr std::array words_for<id_conflict>{
  std::string_view{"reject-new"}, std::string_view{"replace-old"}};

template <>
inline constexpr std::array words_for<forwarding_header>{
  std::string_view{"none"}, std::string_view{"x-forwarded-for"},
  std::string_view{"forwarded"}};

template <>
inline constexpr std::array words_for<log_level>{std::string_view{"debug"},
                                                 std::string_view{"info"},
                                                 std::string_view{"warning"},
                                                 std::string_view{"error"},
                                                 std::string_view{"off"}};

template <>
inline constexpr std::array words_for<log_format>{std::string_view{"text"},
                                                  std::string_view{"json"}};

template <>
inline constexpr std::array words_for<client_auth>{std::string_view{"none"},
                                                   std::string_view{"request"},
                                                   std::string_view{"require"}};

template <>
inline constexpr std::array words_for<tls_version>{std::string_view{"1.2"},
                                                   std::string_view{"1.3"}};

/// Returns the enumerator for `word`. Accepts '_' in place of '-', since
/// enumerators are spelled with '_' in C++.
template <class Enum>
std::optional<Enum> to_choice(std::string word) {
  std::ranges::replace(word, '_', '-');
  const auto& words = words_for<Enum>;
  auto i = std::ranges::find(words, word);
  if (i == words.end())
    return std::nullopt;
  return static_cast<Enum>(std::distance(words.begin(), i));
}

/// Returns an option that writes its value to `storage`. The name of its type
/// lists the values, separated by '|'.
template <class Enum>
caf::config_option make_enum_option(Enum& storage, caf::string_view category,
                                    caf::string_view name,
                                    caf::string_view description) {
  using caf::config_value;
  static const caf::config_option::meta_state meta{
    [](const config_value& x) -> caf::error {
      auto* word = caf::get_if<std::string>(&x);
      if (word != nullptr && to_choice<Enum>(*word))
        return caf::none;
      return caf::make_error(caf::pec::type_mismatch);
    },
    [](void* to, const config_value& x) {
      *static_cast<Enum*>(to) = *to_choice<Enum>(caf::get<std::string>(x));
    },
    [](const void* from) {
      auto index = static_cast<size_t>(*static_cast<const Enum*>(from));
      return config_value{std::string{words_for<Enum>.at(index)}};
    },
    [](void*, caf::string_view text) -> caf::expected<config_value> {
      std::string word{text.begin(), text.end()};
      if (word.empty())
        return caf::make_error(caf::pec::unexpected_eof);
      if (!to_choice<Enum>(word))
        return caf::make_error(caf::pec::unexpected_character);
      return config_value{std::move(word)};
    },
    [] {
      std::string result;
      for (auto x : words_for<Enum>)
        result.append(result.empty() ? "" : "|").append(x);
      return result;
    }()};
  return {category, name, description, &meta, &storage};
}

} // namespace troupe::base
