#include "net/runtime/memory_limit.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include <unistd.h>

namespace troupe::net {

namespace {

size_t memory_of_machine() noexcept {
  return static_cast<size_t>(::sysconf(_SC_PHYS_PAGES))
         * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

/// Returns the control group of version 2, a relative path.
std::filesystem::path find_group(const std::filesystem::path& membership) {
  constexpr std::string_view prefix = "0::/";
  std::ifstream in{membership};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(prefix))
      return line.substr(prefix.size());
  return {};
}

} // namespace

size_t memory_limit(const std::filesystem::path& membership,
                    const std::filesystem::path& groups) {
  auto result = memory_of_machine();
  // Groups are nested, and each has a limit of its own.
  auto group = groups;
  auto apply = [&] {
    std::ifstream in{group / "memory.max"};
    if (size_t most = 0; in >> most) // Not a number: no limit.
      result = std::min(result, most);
  };
  apply();
  for (const auto& name : find_group(membership)) {
    group /= name;
    apply();
  }
  return result;
}

} // namespace troupe::net
