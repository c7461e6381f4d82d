#include "net/runtime/pending_table.hpp"

#include <algorithm>
#include <utility>

namespace troupe::net {

void pending_table::entry::remove() {
  if (table_ == nullptr)
    return;
  std::lock_guard guard{table_->mutex_};
  if (is_linked())
    table_->pop(*this);
}

pending_table& pending_table::of_process() {
  static pending_table result;
  return result;
}

pending_table& pending_table::of_operators() {
  static pending_table result;
  return result;
}

void pending_table::add(entry& x, address_key from, std::function<void()> close,
                        const limits& most) {
  std::lock_guard guard{mutex_};
  x.table_ = this;
  x.key_ = from;
  x.close_ = std::move(close);
  entries_.push_back(x);
  auto count = ++counts_[from];
  if (from != address_key::none && most.of_address > 0
      && count > most.of_address)
    pop_oldest(from)();
  else if (entries_.size() > most.all)
    pop_oldest(busiest())();
}

/// Removes an entry.
/// @returns the function that closes its connection.
std::function<void()> pending_table::pop(entry& x) {
  entries_.erase(entries_.iterator_to(x));
  if (auto i = counts_.find(x.key_); --i->second == 0)
    counts_.erase(i);
  return std::exchange(x.close_, nullptr);
}

std::function<void()> pending_table::pop_oldest(address_key of) {
  return pop(*std::ranges::find(entries_, of, &entry::key_));
}

address_key pending_table::busiest() const {
  return std::ranges::max_element(counts_, {},
                                  [](const auto& x) { return x.second; })
    ->first;
}

} // namespace troupe::net
