#pragma once

#include "net/runtime/socket.hpp"

#include <string_view>
#include <system_error>
#include <utility>

namespace troupe::net {

/// A file or a pipe to which lines are appended. For one thread.
class line_file {
public:
  /// @param x non-blocking if it is a pipe.
  explicit line_file(descriptor x) noexcept : file_{std::move(x)} {
  }

  /// Returns the file. May be called by any thread.
  const descriptor& file() const noexcept {
    return file_;
  }

  /// Appends lines. A line of which only a part was written is lost; the next
  /// one begins after a line end of its own, so that both are not joined. Waits
  /// while a pipe is full.
  /// @param lines each with its end; those that are written are removed.
  /// @param wake  a descriptor that ends the wait when it becomes readable; -1:
  ///              none.
  /// @returns none, `std::errc::operation_canceled` if `wake` is readable, or
  ///          the error of the file. Then some lines may be left.
  std::error_code append(std::string_view& lines, int wake);

private:
  std::error_code write(std::string_view& text, int wake);

  descriptor file_;
  bool is_torn_ = false; ///< Whether the end of the last line is missing.
};

} // namespace troupe::net
