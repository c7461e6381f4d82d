#pragma once

#include <cstddef>

namespace troupe::net {

/// The output that waits for clients.
struct waiting_output {
  size_t bytes = 0;
  size_t congested = 0; ///< Clients that do not read.
};

/// What the clients of one thread have to give up, since the output of all
/// connections exceeds its limit.
struct output_excess {
  size_t bytes = 0; ///< 0: nothing.
  size_t share = 0; ///< A client for which no more waits keeps its output.

  /// Returns whether a client for which `size` bytes wait has to give them up,
  /// and counts them if so.
  bool take(size_t size) noexcept {
    if (bytes == 0 || size <= share)
      return false;
    bytes -= size < bytes ? size : bytes;
    return true;
  }
};

/// Divides what exceeds the limit among the threads, by what waits on each. A
/// client may keep an equal share of the limit, and in any case 64 KiB: who
/// reads as fast as others is never cut.
/// @param all what waits in the process.
/// @param own what waits on the thread.
output_excess find_excess(size_t limit, const waiting_output& all,
                          size_t own) noexcept;

/// Returns the limit of a program that sets none: a quarter of the memory that
/// the process may use.
size_t default_output_limit();

} // namespace troupe::net
