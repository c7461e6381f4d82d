#pragma once

#include "actors/name_filter.hpp"
#include "troupe/messages.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <caf/actor.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// The connections of a server on this node: those with an id, and those that
/// are ending, whose actors have not terminated yet.
class connection_table {
public:
  struct entry {
    std::string id;
    caf::actor handle;
  };

  // -- connections with an id -------------------------------------------------

  /// Adds `who`.
  /// @param id is not copied; must stay valid as long as `who` exists.
  /// @pre `id` is not in use, and `who` has no id.
  void add(std::string_view id, const caf::actor& who);

  /// Removes `who` and frees its id.
  /// @returns the removed entry; nothing if `who` has no id.
  std::optional<entry> remove(caf::actor_id who);

  /// @returns the connection with this id, or null. The next change invalidates
  ///          the pointer.
  const caf::actor* find(std::string_view id) const {
    auto i = by_id_.find(id);
    return i != by_id_.end() ? &i->second : nullptr;
  }

  bool contains(std::string_view id) const {
    return by_id_.count(id) != 0;
  }

  /// @returns the id of `who`; nothing if it has none.
  std::optional<std::string_view> id_of(caf::actor_id who) const;

  size_t size() const noexcept {
    return by_id_.size();
  }

  /// Calls `f(id, handle)` for each connection.
  template <class F>
  void for_each(F f) const {
    for (const auto& [id, handle] : by_id_)
      f(id, handle);
  }

  std::vector<connection_info> some(const name_filter& which) const;

  // -- ending connections -----------------------------------------------------

  /// Keeps `who` until `remove_ending`. It may still have an id.
  void add_ending(const caf::actor& who) {
    ending_.emplace(who.id(), who);
  }

  /// Removes `who`, whose actor has terminated.
  /// @returns whether it was an ending connection.
  bool remove_ending(caf::actor_id who) {
    return ending_.erase(who) != 0;
  }

  /// Calls `f(handle)` for each ending connection.
  template <class F>
  void for_each_ending(F f) const {
    for (const auto& [id, handle] : ending_)
      f(handle);
  }

  // -- all of them ------------------------------------------------------------

  /// Returns whether there are no connections, ending ones included.
  bool empty() const noexcept {
    return by_id_.empty() && ending_.empty();
  }

  void clear();

private:
  /// Growing at 100 000 entries blocks the thread for a few milliseconds;
  /// std::unordered_map takes 40.
  template <class K, class V>
  using table = boost::unordered_flat_map<K, V>;

  table<std::string_view, caf::actor> by_id_; ///< Keys point into the actors.
  table<caf::actor_id, std::string_view> ids_;
  std::unordered_map<caf::actor_id, caf::actor> ending_;
};

} // namespace troupe::actors
