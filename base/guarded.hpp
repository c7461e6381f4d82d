#pragma once

#include <string>
#include <string_view>

/// Functions that call user code, such as callbacks, and log its exceptions.
namespace troupe {

/// Returns the text of the current exception. Call only in a catch clause.
std::string exception_text();

/// Logs that `what` threw the current exception. Call only in a catch clause.
/// The number of such lines is limited, since a hostile client may cause them.
/// @param category as in log_fields.
void log_exception(std::string_view category, std::string_view what);

/// Calls `f`. Exceptions are logged and not propagated.
/// @returns whether `f` returned normally.
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
