#pragma once

#include "base/ip_prefix.hpp"
#include "net/runtime/token_bucket.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace troupe::net {

/// What counts as one address: an IPv4 address, or the /64 network of an IPv6
/// address, since an IPv6 host can use any address of its network.
enum class address_key : uint64_t {
  none = 0, ///< Also the key of the network of ::1.
};

/// @param x unmapped.
address_key to_key(const base::ip_address& x);

/// Counts connections, those of each address, and the rate of new ones. An
/// address takes 24 bytes, as long as it has connections or its rate is not
/// back to zero. Thread-safe.
class address_table {
public:
  using time_point = token_bucket::time_point;

  /// Limits for one address; 0: no limit.
  struct limits {
    size_t connections = 0;
    uint32_t per_second = 0;
  };

  enum class verdict : uint8_t { accepted, too_many, too_fast };

  /// The table of the clients of the process.
  static address_table& of_process();

  /// The table for `listener_config::for_operators`.
  static address_table& of_operators();

  /// Counts a connection that has not been assigned to an address.
  void enter() noexcept {
    ++connections_;
  }

  /// Assigns a connection to an address.
  /// @returns `accepted`, otherwise the limit that it would exceed.
  verdict assign(address_key to, const limits& most, time_point now);

  /// Removes a connection.
  /// @param from the address to which it was assigned, or `none`.
  void leave(address_key from, time_point now);

  /// Returns the number of connections.
  size_t connections() const noexcept {
    return connections_;
  }

  /// Returns the number of addresses that the table holds.
  size_t addresses() const;

private:
  struct entry {
    token_bucket bucket;
    uint32_t connections = 0;
  };

  struct shard {
    mutable std::mutex mutex;
    boost::unordered_flat_map<address_key, entry> entries;
    size_t sweep_at = 64;
  };

  shard& shard_of(address_key x) noexcept;

  static void sweep(shard& x, time_point now);

  std::atomic<size_t> connections_ = 0;
  std::array<shard, 16> shards_;
};

/// The part of a connection in the table of the process: counted from its
/// construction to its destruction.
class connection_place {
public:
  /// Creates a value without connection.
  connection_place() noexcept = default;

  /// Counts a connection in `table`, which must outlive it.
  explicit connection_place(address_table& table) noexcept : table_{&table} {
    table.enter();
  }

  connection_place(connection_place&& x) noexcept
    : table_{std::exchange(x.table_, nullptr)},
      key_{x.key_} {
  }

  connection_place& operator=(connection_place&& x) noexcept {
    std::swap(table_, x.table_);
    std::swap(key_, x.key_);
    return *this;
  }

  ~connection_place();

  /// Assigns the connection to an address, once. Has no effect if it is empty.
  address_table::verdict assign(address_key to,
                                const address_table::limits& most,
                                address_table::time_point now);

private:
  address_table* table_ = nullptr;
  address_key key_ = address_key::none;
};

} // namespace troupe::net
