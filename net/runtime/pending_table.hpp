#pragma once

#include "net/runtime/address_table.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <mutex>

namespace troupe::net {

/// Connections whose first request is not complete, in the order of their
/// arrival. Beyond a limit, the oldest connection of an address
/// is closed: of the address that exceeds its own limit, or else of the one
/// with the most. A flood therefore shuts out the address that it comes from.
/// Thread-safe.
class pending_table {
public:
  /// A connection in the table; removed when destroyed. For one thread.
  class entry : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::safe_link>> {
  public:
    entry() noexcept = default;
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;

    ~entry() {
      remove();
    }

    /// Removes the connection, since its first request is complete.
    void remove();

  private:
    friend class pending_table;

    pending_table* table_ = nullptr;
    address_key key_ = address_key::none;
    std::function<void()> close_;
  };

  /// Limits; `of_address` 0: no limit.
  struct limits {
    size_t all = 1;
    size_t of_address = 0;
  };

  /// The table of the clients of the process.
  static pending_table& of_process();

  /// The table for `listener_config::for_operators`.
  static pending_table& of_operators();

  /// Adds a connection and closes one if a limit is exceeded.
  /// @param x     not in a table; this table must outlive it.
  /// @param from  `none` is bounded by `most.all` only.
  /// @param close called on any thread, at most once and never after `x` was
  ///              removed, to close the connection. Must not block, and must
  ///              not use this table.
  void add(entry& x, address_key from, std::function<void()> close,
           const limits& most);

private:
  std::function<void()> pop(entry& x);
  std::function<void()> pop_oldest(address_key of);
  address_key busiest() const;

  mutable std::mutex mutex_;
  boost::intrusive::list<entry> entries_;
  boost::unordered_flat_map<address_key, size_t> counts_;
};

} // namespace troupe::net
