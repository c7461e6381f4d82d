#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace troupe::actors {

/// Work of an actor that takes long, done in parts with its other messages
/// between them, in the order in which it was added.
class chore_list {
public:
  /// Does a part. @returns whether there is more.
  using chore = std::function<bool()>;

  bool empty() const noexcept {
    return chores_.empty();
  }

  void add(chore x) {
    chores_.push_back(std::move(x));
  }

  /// Does so many parts, or what is left.
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
