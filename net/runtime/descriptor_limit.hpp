#pragma once

#include <cstddef>

/// The number of file descriptors that the process may have (RLIMIT_NOFILE).
namespace troupe::net {

/// Raises the limit as far as the system permits. Unsafe for libraries that use
/// `select`, which cannot handle numbers above 1023.
void raise_descriptor_limit() noexcept;

/// Returns how many connections the limit permits, without the descriptors for
/// everything else: 64, or a quarter if that is fewer.
size_t descriptors_for_connections() noexcept;

} // namespace troupe::net
