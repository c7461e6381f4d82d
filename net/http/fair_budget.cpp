#include "net/http/fair_budget.hpp"

namespace troupe::net {

auto fair_budget::take_one(address_key who) -> std::optional<share> {
  share result{*this, who};
  if (!result.grow(1))
    return std::nullopt;
  return result;
}

bool fair_budget::take(address_key who, size_t amount) {
  std::lock_guard guard{mutex_};
  if (amount > most_ - used_)
    return false;
  if (who != address_key::none && amount > 0) {
    auto mine = of_address_.find(who);
    auto has = mine == of_address_.end() ? 0 : mine->second;
    if (has + amount > most_of_address_)
      return false;
    of_address_[who] = has + amount;
  }
  used_ += amount;
  return true;
}

void fair_budget::give_back(address_key who, size_t amount) {
  std::lock_guard guard{mutex_};
  used_ -= amount;
  if (who == address_key::none)
    return;
  auto mine = of_address_.find(who);
  mine->second -= amount;
  if (mine->second == 0)
    of_address_.erase(mine);
}

} // namespace troupe::net
