#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace troupe::test {

/// UBSan uses a file descriptor to inspect memory, so tests without free
/// descriptors cannot run with it.
#ifdef __SANITIZE_ADDRESS__
constexpr bool has_descriptors_to_lose = false;
#else
constexpr bool has_descriptors_to_lose = true;
#endif

/// Opens all file descriptors that this process may have.
class descriptor_hog {
public:
  descriptor_hog() {
    getrlimit(RLIMIT_NOFILE, &old_);
    rlimit limit{std::min<rlim_t>(old_.rlim_cur, 200), old_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &limit);
    for (auto fd = dup(0); fd >= 0; fd = dup(0))
      taken_.push_back(fd);
  }

  ~descriptor_hog() {
    leave_all();
    setrlimit(RLIMIT_NOFILE, &old_);
  }

  void leave_one() {
    close(taken_.back());
    taken_.pop_back();
  }

  void leave_all() {
    while (!taken_.empty())
      leave_one();
  }

private:
  rlimit old_{};
  std::vector<int> taken_;
};

} // namespace troupe::test
