#pragma once

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>

#include <cstddef>
#include <unordered_map>

namespace troupe::actors {

/// Which actors hear of the connections and rooms of a server: of those here,
/// or of those on all nodes. An actor that subscribes twice hears twice.
class subscriber_list {
public:
  void add(const caf::actor& who, bool everywhere);

  /// Forgets all subscriptions of `who`.
  void remove(const caf::actor_addr& who);

  bool contains(caf::actor_id who) const {
    return entries_.count(who) != 0;
  }

  /// Whether anybody listens to all nodes.
  bool listens_everywhere() const noexcept {
    return everywhere_ > 0;
  }

  /// Calls `f(who, everywhere)` for each subscription.
  template <class F>
  void for_each(F f) const {
    for (const auto& [id, x] : entries_)
      f(x.who, x.everywhere);
  }

  void clear();

private:
  struct entry {
    caf::actor who;
    bool everywhere;
  };

  std::unordered_multimap<caf::actor_id, entry> entries_;
  size_t everywhere_ = 0; ///< How many of these.
};

} // namespace troupe::actors
