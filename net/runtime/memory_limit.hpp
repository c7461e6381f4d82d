#pragma once

#include <cstddef>
#include <filesystem>

namespace troupe::net {

/// Returns the number of bytes that this process may use: the memory of the
/// machine, or less if a control group (version 2) of the process limits it, as
/// containers and systemd's `MemoryMax` do.
/// @param membership  lists the control groups of the process, in the format of
///                    `/proc/self/cgroup`.
/// @param groups      the folder in which control groups are mounted.
size_t memory_limit(const std::filesystem::path& membership,
                    const std::filesystem::path& groups);

} // namespace troupe::net
