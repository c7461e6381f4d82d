#pragma once

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>

#include <cstddef>
#include <unordered_map>

namespace troupe::actors {

/// The subscriptions of actors to events, of this node or of all nodes. An
/// actor that subscribes twice receives each event twice.
class subscriber_list {
public:
  void add(const caf::actor& who, bool everywhere);

  /// Forgets all subscriptions of `who`.
  void remove(const caf::actor_addr& who);

  bool contains(caf::actor_id who) const {
    return entries_.contains(who);
  }

  /// Returns whether there is a subscription to all nodes.
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
  size_t everywhere_ = 0; ///< Number of subscriptions to all nodes.
};

} // namespace troupe::actors
