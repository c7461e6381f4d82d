#pragma once

#include "actors/seams/fast_path.hpp"

#include <caf/actor.hpp>
#include <caf/actor_control_block.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// The rooms of one connection, as its handlers see them and as the registry
/// has confirmed them. The two differ while joins are not answered.
///
/// A join takes effect for handlers at once. The route to the room is known
/// when the last join has been answered, since the room may end and be created
/// again until then. A leave takes effect when `on_leave` has returned.
class room_memberships {
public:
  /// The direct route to a room.
  struct route {
    caf::actor room;                  ///< Null if it is not known.
    direct_channel* direct = nullptr; ///< `room` as a direct channel.
  };

  // -- what handlers see ------------------------------------------------------

  bool contains(const std::string& name) const;

  /// Returns the number of rooms that handlers see.
  size_t size() const noexcept {
    return size_;
  }

  /// Returns the names of the rooms that handlers see, in alphabetical order.
  std::vector<std::string> names() const;

  // -- joining and leaving ----------------------------------------------------

  /// Notes that a join is sent.
  /// @pre !contains(name)
  void join(const std::string& name);

  /// Notes that a join was answered by `joined`. Ignored for an unknown room.
  void on_joined(const std::string& name, const caf::actor& room);

  /// Notes that a join was refused. Handlers do not see the room any more.
  void on_refused(const std::string& name);

  /// Leaves a room after calling `before`, which still sees it.
  /// @returns the route to the room, which is null while a join is not
  ///          answered; nullopt if handlers do not see the room, or if it is
  ///          being left already.
  template <class F>
  std::optional<route> leave(const std::string& name, F before) {
    auto i = rooms_.find(name);
    if (i == rooms_.end() || !i->second.is_member || i->second.is_leaving)
      return std::nullopt;
    i->second.is_leaving = true;
    before();
    // `i` is still valid, since an entry that is being left is not erased.
    i->second.is_leaving = false;
    hide(i->second);
    auto result = std::exchange(i->second.way, {});
    forget_if_settled(i);
    return result;
  }

  /// Forgets a room that has ended, after calling `before`, which still sees
  /// it. Does nothing if the room of that name is not `room`, since it may have
  /// been created again.
  template <class F>
  void on_down(const std::string& name, const caf::strong_actor_ptr& room,
               F before) {
    auto i = rooms_.find(name);
    if (i == rooms_.end() || !i->second.way.room || i->second.way.room != room)
      return;
    i->second.is_leaving = true;
    before();
    hide(i->second);
    rooms_.erase(i);
  }

  /// Forgets all rooms. Calls `f(name, route)` for each room of which the
  /// connection is a member or may still become one.
  template <class F>
  void release(F f) {
    size_ = 0;
    for (const auto& [name, x] : std::exchange(rooms_, {}))
      if (x.way.room || x.asked > 0)
        f(name, x.way);
  }

  // -- sending ----------------------------------------------------------------

  /// Returns the route to a room, or null if it is not known.
  const route* find_route(const std::string& name) const {
    auto i = rooms_.find(name);
    return i != rooms_.end() && i->second.way.room ? &i->second.way : nullptr;
  }

private:
  struct membership {
    route way;
    uint32_t asked = 0;      ///< Number of joins that are not answered.
    bool is_member = false;  ///< Whether handlers see the room.
    bool is_leaving = false; ///< on_leave is running.
  };

  using table = std::map<std::string, membership>;

  void hide(membership& x) {
    size_ -= std::exchange(x.is_member, false) ? 1 : 0;
  }

  void forget_if_settled(table::iterator i);

  table rooms_;
  size_t size_ = 0;
};

} // namespace troupe::actors
