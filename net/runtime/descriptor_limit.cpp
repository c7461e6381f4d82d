#include "net/runtime/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace troupe::net {

namespace {

constexpr rlim_t reserve = 64;

} // namespace

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

size_t descriptors_for_connections() noexcept {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  auto all = limit.rlim_cur;
  return std::max<size_t>(1, all - std::min(reserve, all / 4));
}

} // namespace troupe::net
