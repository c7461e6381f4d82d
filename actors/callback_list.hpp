#pragma once

#include <forward_list>
#include <iterator>
#include <utility>

namespace troupe::actors {

/// Callbacks in the order of registration. Optimized for few callbacks: an
/// empty list takes the space of a pointer, and `add` takes linear time.
template <class F>
class callback_list {
public:
  void add(F f) {
    auto last = list_.before_begin();
    while (std::next(last) != list_.end())
      ++last;
    list_.insert_after(last, std::move(f));
  }

  bool empty() const noexcept {
    return list_.empty();
  }

  /// Calls `g` for each callback, except for those that are added during the
  /// call.
  template <class G>
  void for_each(G g) {
    auto count = std::distance(list_.begin(), list_.end());
    for (auto i = list_.begin(); count > 0; ++i, --count)
      g(*i);
  }

private:
  std::forward_list<F> list_;
};

} // namespace troupe::actors
