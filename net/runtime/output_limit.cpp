#include "net/runtime/output_limit.hpp"

#include "net/runtime/memory_limit.hpp"

#include <algorithm>

namespace troupe::net {

namespace {

constexpr size_t min_share = 64 * 1024;

} // namespace

output_excess find_excess(size_t limit, const waiting_output& all,
                          size_t own) noexcept {
  if (all.bytes <= limit)
    return {};
  auto part = static_cast<double>(own) / static_cast<double>(all.bytes);
  auto excess = static_cast<double>(all.bytes - limit) * part;
  return {static_cast<size_t>(excess),
          std::max(min_share, limit / std::max<size_t>(1, all.congested))};
}

size_t default_output_limit() {
  return memory_limit("/proc/self/cgroup", "/sys/fs/cgroup") / 4;
}

} // namespace troupe::net
