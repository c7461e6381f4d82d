#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace troupe::net {

/// Threads that look up names. A lookup blocks and cannot be canceled, so
/// nobody waits for these threads: they may outlive this object, even the end
/// of `main`. Thread-safe.
class lookup_threads {
public:
  /// @param most     maximum number of threads.
  /// @param waiting  maximum number of functions that wait for one.
  explicit lookup_threads(size_t most = 16, size_t waiting = 0);

  /// Calls `f` on a thread. `f` must not throw.
  /// @returns false if there are too many of them.
  bool run(std::function<void()> f);

private:
  struct state;

  static void work(state& all, std::function<void()> f);

  std::shared_ptr<state> state_;
};

} // namespace troupe::net
