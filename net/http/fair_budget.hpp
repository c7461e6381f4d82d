#pragma once

#include "net/runtime/address_table.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace troupe::net {

/// An amount, such as bytes or requests, that the clients of a port share. One
/// address gets at most a quarter, so that it cannot shut out all others.
/// Thread-safe; must outlive its shares.
class fair_budget {
public:
  /// The part of one request, until its destruction. Not thread-safe.
  class share {
  public:
    /// @param who `none` is bounded by the whole amount only.
    share(fair_budget& all, address_key who) noexcept : all_{&all}, who_{who} {
    }

    share(share&& x) noexcept
      : all_{x.all_},
        who_{x.who_},
        size_{std::exchange(x.size_, 0)} {
    }

    share& operator=(share&& x) noexcept {
      std::swap(all_, x.all_);
      std::swap(who_, x.who_);
      std::swap(size_, x.size_);
      return *this;
    }

    ~share() {
      if (size_ > 0)
        all_->give_back(who_, size_);
    }

    /// Takes more.
    /// @returns false if too little is left, for the address or for all.
    bool grow(size_t amount) {
      if (!all_->take(who_, amount))
        return false;
      size_ += amount;
      return true;
    }

  private:
    fair_budget* all_;
    address_key who_;
    size_t size_ = 0;
  };

  /// @param most    the whole amount.
  /// @param largest what one request may take; an address gets that much even
  ///                if it is more than a quarter.
  fair_budget(size_t most, size_t largest) noexcept
    : most_{most},
      most_of_address_{std::max(most / 4, largest)} {
  }

  /// @returns a share of one; nothing if too little is left.
  std::optional<share> take_one(address_key who);

private:
  bool take(address_key who, size_t amount);
  void give_back(address_key who, size_t amount);

  const size_t most_;
  const size_t most_of_address_;
  std::mutex mutex_; ///< Guards all of the following.
  size_t used_ = 0;
  boost::unordered_flat_map<address_key, size_t>
    of_address_; ///< Without zeros.
};

} // namespace troupe::net
