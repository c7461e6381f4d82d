#pragma once

#include "troupe/room_options.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::actors {

/// The options of rooms by pattern. Thread-safe.
class room_rules {
public:
  /// Adds options for the rooms that `pattern` matches: a name, or a prefix
  /// followed by '*'. Replaces those of the same pattern.
  void add(std::string pattern, room_options options);

  /// Returns the options of `room`: those of its name, else of the longest
  /// prefix; null if there are none.
  std::shared_ptr<const room_options> find(std::string_view room) const;

  /// Drops all options and what their functions refer to.
  void clear();

private:
  using entry = std::pair<std::string, std::shared_ptr<const room_options>>;

  mutable std::mutex mutex_;
  std::vector<entry> entries_; ///< The most specific patterns first.
};

} // namespace troupe::actors
