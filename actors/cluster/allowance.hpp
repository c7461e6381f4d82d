#pragma once

#include <atomic>
#include <cstddef>

namespace troupe::actors {

/// What several holders may hold together: the bridges of several servers to
/// one node. One half is divided into a reserve for each holder, so that none
/// is starved by another; the other half goes to whoever needs it first. A
/// single holder may hold everything. Each holder has a `share`. Thread-safe.
class allowance {
public:
  allowance() = default;
  allowance(const allowance&) = delete;
  allowance& operator=(const allowance&) = delete;

  /// How many shares exist, at least 1.
  size_t shares() const noexcept;

private:
  friend class share;

  std::atomic<size_t> shares_ = 0;
  std::atomic<size_t> drawn_ = 0; ///< Beyond the reserves.
};

/// One holder's part of an allowance. For one thread.
class share {
public:
  /// @param of outlives the share.
  /// @param limit what all shares may hold together; the same for each.
  share(allowance& of, size_t limit) noexcept;

  /// See `leave`.
  ~share();

  share(const share&) = delete;
  share& operator=(const share&) = delete;

  /// Holds `amount` from now on, instead of what was held before.
  /// @returns false, with nothing changed, if that is more than before and
  ///          more than the allowance has left.
  bool try_hold(size_t amount) noexcept;

  /// The same, whatever is left.
  void hold(size_t amount) noexcept;

  /// Holds nothing, now and later, and leaves its part to others.
  void leave() noexcept;

private:
  size_t beyond_reserve(size_t amount) const noexcept;

  allowance& of_;
  size_t limit_;
  size_t drawn_ = 0; ///< Of what is held, beyond the reserve.
  bool has_left_ = false;
};

} // namespace troupe::actors
