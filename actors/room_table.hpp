#pragma once

#include "actors/name_filter.hpp"
#include "troupe/messages.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <caf/actor.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

class room_actor;

/// The rooms of a server by name. A room exists on this node as long as it has
/// members on any node, so that messages take the same path wherever the
/// members are.
class room_table {
public:
  struct room {
    caf::actor handle;
    room_actor* direct = nullptr;         ///< `handle` as a room_actor.
    bool has_members = false;             ///< On this node.
    std::vector<caf::actor> bridges = {}; ///< To nodes with members.

    /// Notes that the room has a member on this node.
    /// @returns whether it had none before.
    bool populate() noexcept {
      return !std::exchange(has_members, true);
    }

    /// Notes whether the room has members on the node of `bridge`.
    void set_remote(const caf::actor& bridge, bool populated);

    /// Returns whether the room has members on any node.
    bool is_needed() const noexcept {
      return has_members || !bridges.empty();
    }
  };

  /// @returns the room of this name, or null. Adding or removing a room
  ///          invalidates the pointer.
  room* find(const std::string& name) {
    auto i = rooms_.find(name);
    return i != rooms_.end() ? &i->second : nullptr;
  }

  const room* find(const std::string& name) const {
    auto i = rooms_.find(name);
    return i != rooms_.end() ? &i->second : nullptr;
  }

  bool contains(const std::string& name) const {
    return rooms_.count(name) != 0;
  }

  /// Adds a room without members.
  /// @pre `name` is free.
  room& add(const std::string& name, caf::actor handle, room_actor* direct);

  void remove(const std::string& name) {
    rooms_.erase(name);
  }

  size_t size() const noexcept {
    return rooms_.size();
  }

  /// Calls `f(name, room)` for each room.
  template <class F>
  void for_each(F f) const {
    for (const auto& [name, x] : rooms_)
      f(name, x);
  }

  std::vector<room_info> some(const name_filter& which) const;

  /// @returns the rooms with members on this node.
  std::vector<std::string> populated() const;

  void clear() {
    rooms_.clear();
  }

private:
  /// Does not block the thread for long when it grows: see `connection_table`.
  boost::unordered_flat_map<std::string, room> rooms_;
};

} // namespace troupe::actors
