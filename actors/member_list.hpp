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
  direct_receiver* direct = nullptr; ///< Null if `handle` is not one.
};

/// An unordered list of members with cheap copies. A copy shares its blocks
/// with the original until one of the two changes them, so that a list that
/// another thread reads can be copied for each join and leave.
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

  /// Appends `x` at the index `size()`.
  void add(member x);

  /// Removes the i-th member. The last member takes its place.
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

  /// Returns the size of a copy in bytes, including the blocks that the next
  /// change copies.
  size_t copy_size() const noexcept {
    return blocks_.size() * sizeof(blocks_.front())
           + 2 * block_size * sizeof(member);
  }

private:
  static constexpr size_t block_size = 128;

  using block = std::vector<member>;

  block& writable(size_t index);

  std::vector<std::shared_ptr<block>> blocks_; ///< All but the last are full.
  size_t size_ = 0;
};

/// Replaces the object of `x` with a copy if it is shared.
/// @returns whether it was copied.
template <class T>
bool make_unique(std::shared_ptr<T>& x) {
  if (x.use_count() > 1) {
    x = std::make_shared<T>(*x);
    return true;
  }
  // Synchronizes with the thread that released the last other reference. An
  // acquire fence would suffice, but ThreadSanitizer does not support fences.
  std::shared_ptr{x}.reset();
  return false;
}

} // namespace troupe::actors
