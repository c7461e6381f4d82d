#pragma once

#include <atomic>
#include <cstddef>

namespace troupe::actors {

/// A limit for what several holders, the bridges of several servers to one
/// node, hold together. One half is divided into a reserve for each holder, so
/// that no holder is starved by others; the other half is available to all. A
/// single holder may hold everything. Each holder has a `share`. Thread-safe.
class allowance {
public:
  allowance() = default;
  allowance(const allowance&) = delete;
  allowance& operator=(const allowance&) = delete;

  /// Returns the number of shares, at least 1.
  size_t shares() const noexcept;

private:
  friend class share;

  std::atomic<size_t> shares_ = 0;
  std::atomic<size_t> drawn_ = 0; ///< Held beyond the reserves.
};

/// The part of one holder in an allowance. Not thread-safe.
class share {
public:
  /// @param of    must outlive the share.
  /// @param limit what all shares together may hold; must be equal for all.
  share(allowance& of, size_t limit) noexcept;

  /// Calls `leave`.
  ~share();

  share(const share&) = delete;
  share& operator=(const share&) = delete;

  /// Replaces the held amount by `amount`.
  /// @returns false, without any change, if that is more than before and
  ///          exceeds what is left of the allowance.
  bool try_hold(size_t amount) noexcept;

  /// Replaces the held amount by `amount`, even if that exceeds the allowance.
  void hold(size_t amount) noexcept;

  /// Releases the held amount and the reserve. No amount may be held after
  /// that.
  void leave() noexcept;

private:
  size_t beyond_reserve(size_t amount) const noexcept;

  allowance& of_;
  size_t limit_;
  size_t drawn_ = 0; ///< Held beyond the reserve.
  bool has_left_ = false;
};

} // namespace troupe::actors
