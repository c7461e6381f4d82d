#include "base/guarded.hpp"

#include "troupe/log.hpp"

#include <exception>

namespace troupe {

std::string exception_text() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

void log_exception(std::string_view category, std::string_view what) {
  log_limited(log_level::error, {category, {}, {}},
              std::string{what}.append(" threw: ").append(exception_text()));
}

} // namespace troupe
