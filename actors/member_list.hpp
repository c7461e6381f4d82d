#pragma once

#include <caf/actor.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace troupe::actors {

class direct_receiver;

struct member {
  caf::actor handle;
  direct_receiver* direct
    = nullptr; ///< `handle` as a receiver; null if it is none.
};

/// Members in no order. A copy shares its blocks with the original until one of
/// the two changes them, so that a list that another thread reads can be copied
/// for each member that comes or goes.
class member_list {
public:
  size_t size() const noexcept {
    return size_;
  }

  bool empty() const noexcept {
    return size_ == 0;
  }

  /// @pre i < size()
  const member& operator[](size_t i) const noexcept {
    return (*blocks_[i / block_size])[i % block_size];
  }

  /// It gets the index `size()`.
  void add(member x);

  /// Puts the last member in the place of the i-th.
  /// @pre i < size()
  void remove(size_t i);

  template <class F>
  void for_each(F f) const {
    for (size_t i = 0; i < block_count(); ++i)
      for (const auto& x : members_of(i))
        f(x);
  }

  size_t block_count() const noexcept {
    return blocks_.size();
  }

  /// @pre index < block_count()
  std::span<const member> members_of(size_t index) const noexcept {
    return *blocks_[index];
  }

  /// What a copy takes, with the blocks that the next change copies, in bytes.
  size_t copy_size() const noexcept {
    return blocks_.size() * sizeof(blocks_.front())
           + 2 * block_size * sizeof(member);
  }

private:
  static constexpr size_t block_size = 128;

  using block = std::vector<member>;

  block& writable(size_t index);

  std::vector<std::shared_ptr<block>> blocks_; ///< All full but for the last.
  size_t size_ = 0;
};

/// `x`, or a copy in its place if somebody else holds it, too.
/// @returns whether it was copied.
template <class T>
bool make_unique(std::shared_ptr<T>& x) {
  if (x.use_count() > 1) {
    x = std::make_shared<T>(*x);
    return true;
  }
  // Pairs with the release by which another thread let go of it. A fence would
  // do, but ThreadSanitizer knows none.
  std::shared_ptr{x}.reset();
  return false;
}

} // namespace troupe::actors
