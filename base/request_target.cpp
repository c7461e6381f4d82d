#include "base/request_target.hpp"

#include <algorithm>
#include <cstddef>

namespace troupe::base {

namespace {

constexpr std::string_view scheme_end = "://";

/// Returns where the host of an absolute URL begins; `npos` for other targets.
size_t begin_of_authority(std::string_view target) noexcept {
  if (target.starts_with('/'))
    return target.npos;
  auto end = target.find(scheme_end);
  return end == target.npos ? end : end + scheme_end.size();
}

/// @returns at most the size of the target.
size_t end_of_authority(std::string_view target, size_t begin) noexcept {
  return std::min(target.size(), target.find_first_of("/?", begin));
}

} // namespace

std::string_view origin_form(std::string_view target) noexcept {
  auto begin = begin_of_authority(target);
  if (begin == target.npos)
    return target;
  auto result = target.substr(end_of_authority(target, begin));
  return result.empty() ? "/" : result;
}

std::optional<std::string_view> authority_of(std::string_view target) noexcept {
  auto begin = begin_of_authority(target);
  if (begin == target.npos)
    return std::nullopt;
  return target.substr(begin, end_of_authority(target, begin) - begin);
}

} // namespace troupe::base
