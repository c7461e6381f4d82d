#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace troupe::actors {

/// Chores of an actor: work that takes long. The actor does it in parts, in the
/// order in which it was added, and processes other messages in between.
class chore_list {
public:
  /// Does one part and returns whether more parts are left.
  using chore = std::function<bool()>;

  bool empty() const noexcept {
    return chores_.empty();
  }

  void add(chore x) {
    chores_.push_back(std::move(x));
  }

  /// Does up to `count` parts.
  void do_parts(int count) {
    for (; count > 0 && !chores_.empty(); --count)
      if (!chores_.front()())
        chores_.pop_front();
  }

  void clear() {
    chores_.clear();
  }

private:
  std::deque<chore> chores_;
};

} // namespace troupe::actors
