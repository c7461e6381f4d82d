#pragma once

#include "troupe/codec.hpp"
#include "troupe/frame.hpp"

#include <cstdint>
#include <string_view>

/// @file
///
/// The grammar of events that both versions of the wire format share. Pure,
/// total and thread-safe; allocates no memory.

namespace troupe::base {

/// Moves `part` to what precedes the first ';' of `x`, and `x` behind that ';'.
/// @returns whether there is one; otherwise nothing changes.
inline bool take_part(std::string_view& x, std::string_view& part) noexcept {
  auto separator = x.find(';');
  if (separator == std::string_view::npos)
    return false;
  part = {x.data(), separator};
  x.remove_prefix(separator + 1);
  return true;
}

/// Tells which part of an event is wrong.
enum class event_flaw : uint8_t {
  none,
  separator, ///< There is no ';' after the name.
  name,      ///< Empty, not UTF-8, or longer than `max_event_name_size`.
  tag,       ///< Not a digit and a ';'.
  unknown_tag,
};

/// Splits `<tag>;<payload>` into `result`, whose name is kept.
inline event_flaw split_value(std::string_view x, event_view& result) noexcept {
  if (x.size() < 2 || x[0] < '0' || x[0] > '9' || x[1] != ';')
    return event_flaw::tag;
  result.tag = type_tag{x[0]};
  if (result.tag > type_tag::json)
    return event_flaw::unknown_tag;
  result.payload = x.substr(2);
  return event_flaw::none;
}

/// Splits `<name>;<tag>;<payload>`. The parts before a flaw are set.
inline event_flaw split_event(std::string_view x, event_view& result) noexcept {
  std::string_view name;
  if (!take_part(x, name))
    return event_flaw::separator;
  if (name.empty() || name.size() > max_event_name_size || !is_utf8(name))
    return event_flaw::name;
  result.name = name;
  return split_value(x, result);
}

} // namespace troupe::base
