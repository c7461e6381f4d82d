#pragma once

#include <cstdlib>
#include <string>

namespace troupe::net {

/// Removes the environment variable `name`, which child processes must not
/// inherit, and returns its value; empty if it is not set. Call before there
/// are other threads, which may read the environment.
inline std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string result = value == nullptr ? "" : value;
  ::unsetenv(name);
  return result;
}

} // namespace troupe::net
