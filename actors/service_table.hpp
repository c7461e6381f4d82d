#pragma once

#include "troupe/handler.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace troupe::actors {

/// What serves events that no handler of a connection takes, by event.
/// Thread-safe.
class service_table {
public:
  /// Adds a service. Replaces that of the same event. `f` may be called on
  /// several threads at once.
  void add(std::string event, event_handler f);

  /// Returns the service of `event`; null if there is none. Call it through a
  /// reference to const, since threads share it.
  std::shared_ptr<const event_handler> find(std::string_view event) const;

  /// Drops all services and what they refer to.
  void clear();

private:
  using entries
    = std::map<std::string, std::shared_ptr<const event_handler>, std::less<>>;

  mutable std::mutex mutex_;
  entries entries_;
};

} // namespace troupe::actors
