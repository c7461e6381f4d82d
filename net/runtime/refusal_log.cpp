#include "net/runtime/refusal_log.hpp"

#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

constexpr auto period = 1min;

constexpr size_t max_addresses = 1024;

} // namespace

std::optional<uint64_t> refusal_log::note(address_key from, time_point now) {
  std::lock_guard guard{mutex_};
  auto i = entries_.find(from);
  if (i == entries_.end() && entries_.size() >= max_addresses) {
    boost::unordered::erase_if(entries_, [now](const auto& x) {
      return now - x.second.since >= period;
    });
    if (entries_.size() >= max_addresses)
      return std::nullopt;
  }
  if (i == entries_.end()) {
    entries_.emplace(from, entry{now});
    return 0;
  }
  auto& x = i->second;
  if (now - x.since < period) {
    ++x.omitted;
    return std::nullopt;
  }
  x.since = now;
  return std::exchange(x.omitted, 0);
}

} // namespace troupe::net
