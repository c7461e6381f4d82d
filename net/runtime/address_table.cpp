#include "net/runtime/address_table.hpp"

#include <algorithm>

namespace troupe::net {

address_key to_key(const base::ip_address& x) {
  // IPv4 addresses use numbers of networks that are not assigned.
  constexpr uint64_t v4 = uint64_t{0xffff} << 32;
  if (x.is_v4())
    return static_cast<address_key>(v4 | x.to_v4().to_uint());
  uint64_t result = 0;
  auto bytes = x.to_v6().to_bytes();
  for (size_t i = 0; i < 8; ++i)
    result = result << 8 | bytes[i];
  return static_cast<address_key>(result);
}

address_table& address_table::of_process() {
  static address_table result;
  return result;
}

address_table& address_table::of_operators() {
  static address_table result;
  return result;
}

auto address_table::assign(address_key to, const limits& most, time_point now)
  -> verdict {
  auto& at = shard_of(to);
  std::lock_guard guard{at.mutex};
  if (at.entries.size() >= at.sweep_at)
    sweep(at, now);
  auto& x = at.entries[to];
  if (most.connections > 0 && x.connections >= most.connections)
    return verdict::too_many;
  if (most.per_second > 0 && !x.bucket.has_tokens(now))
    return verdict::too_fast;
  if (most.per_second > 0)
    x.bucket.take(now, 1, most.per_second);
  ++x.connections;
  return verdict::accepted;
}

void address_table::leave(address_key from, time_point now) {
  --connections_;
  if (from == address_key::none)
    return;
  auto& at = shard_of(from);
  std::lock_guard guard{at.mutex};
  auto i = at.entries.find(from);
  if (--i->second.connections == 0 && i->second.bucket.is_full(now))
    at.entries.erase(i);
}

size_t address_table::addresses() const {
  size_t result = 0;
  for (const auto& x : shards_) {
    std::lock_guard guard{x.mutex};
    result += x.entries.size();
  }
  return result;
}

auto address_table::shard_of(address_key x) noexcept -> shard& {
  auto number = static_cast<uint64_t>(x);
  return shards_[(number ^ number >> 32) % shards_.size()];
}

/// Removes addresses without connections whose rate is back to zero. Called
/// when the number of entries has doubled, so the cost of each is constant.
void address_table::sweep(shard& x, time_point now) {
  boost::unordered::erase_if(x.entries, [now](const auto& y) {
    return y.second.connections == 0 && y.second.bucket.is_full(now);
  });
  x.sweep_at = std::max<size_t>(64, 2 * x.entries.size());
}

// -- places -------------------------------------------------------------------

connection_place::~connection_place() {
  if (table_ != nullptr)
    table_->leave(key_, std::chrono::steady_clock::now());
}

address_table::verdict
connection_place::assign(address_key to, const address_table::limits& most,
                         address_table::time_point now) {
  if (table_ == nullptr)
    return address_table::verdict::accepted;
  auto result = table_->assign(to, most, now);
  if (result == address_table::verdict::accepted)
    key_ = to;
  return result;
}

} // namespace troupe::net
