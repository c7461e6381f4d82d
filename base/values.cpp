#include "troupe/values.hpp"

#include "base/number.hpp"

#include <optional>

namespace troupe {

namespace {

/// Returns the value of `x` if its type is one of `Ts` and the value fits.
template <class... Ts>
std::optional<int64_t> integer_in(const std::any& x) {
  std::optional<int64_t> result;
  auto look = [&](const auto* value) {
    if (value != nullptr && std::in_range<int64_t>(*value))
      result = static_cast<int64_t>(*value);
  };
  (look(std::any_cast<Ts>(&x)), ...);
  return result;
}

} // namespace

std::string values::get_string(std::string_view key) const {
  const auto* text = get<std::string>(key);
  return text == nullptr ? std::string{} : *text;
}

int64_t values::get_int(std::string_view key) const {
  auto i = entries_.find(key);
  if (i == entries_.end())
    return 0;
  if (const auto* text = std::any_cast<std::string>(&i->second))
    return base::parse_signed(*text).value_or(0);
  return integer_in<short, unsigned short, int, unsigned, long, unsigned long,
                    long long, unsigned long long>(i->second)
    .value_or(0);
}

std::vector<std::string> values::get_strings(std::string_view key) const {
  const auto* list = get<std::vector<std::string>>(key);
  return list == nullptr ? std::vector<std::string>{} : *list;
}

} // namespace troupe
