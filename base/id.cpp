#include "troupe/id.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>

namespace troupe {

namespace {

constexpr size_t uuid_size = 36;
constexpr size_t name_size = 8;

bool is_lower_hex(std::string_view x) noexcept {
  return x.find_first_not_of("0123456789abcdef") == x.npos;
}

/// Returns whether `x` is a UUID (RFC 4122 section 3) in lower case, as
/// generated here.
bool is_uuid(std::string_view x) noexcept {
  for (size_t i = 0; i < x.size(); ++i) {
    auto is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? x[i] != '-' : !is_lower_hex(x.substr(i, 1)))
      return false;
  }
  return x.size() == uuid_size;
}

} // namespace

std::string_view node_of(std::string_view id) noexcept {
  if (id.size() != uuid_size + 1 + name_size || id[uuid_size] != '@')
    return {};
  auto name = id.substr(uuid_size + 1);
  return is_uuid(id.substr(0, uuid_size)) && is_lower_hex(name)
           ? name
           : std::string_view{};
}

std::string node_name(const caf::node_id& node) {
  auto hash = static_cast<uint64_t>(std::hash<caf::node_id>{}(node));
  std::array<char, name_size + 1> result;
  std::snprintf(result.data(), result.size(), "%08x",
                static_cast<uint32_t>(hash ^ (hash >> 32)));
  return {result.data(), name_size};
}

} // namespace troupe
