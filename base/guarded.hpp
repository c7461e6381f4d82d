#pragma once

#include <string>
#include <string_view>

/// For calls of foreign code, such as a user's callback.
namespace troupe {

/// In a catch clause: the text of the exception.
std::string exception_text();

/// In a catch clause: logs that `what` threw. A hostile client may cause it, so
/// the number of such lines is limited.
/// @param category as in log_fields.
void log_exception(std::string_view category, std::string_view what);

/// Calls `f`; what it throws is logged and goes no further.
/// @returns whether `f` returned.
template <class F>
bool guarded(std::string_view category, std::string_view what, F f) {
  try {
    f();
    return true;
  } catch (...) {
    log_exception(category, what);
    return false;
  }
}

} // namespace troupe
