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

/// The rooms of one connection, as its handlers see them and as the rooms have
/// confirmed them. The two differ as long as joins are under way.
///
/// A join takes effect for handlers at once. The way into the room is known
/// when the room has answered the last join: until then the room may end and be
/// made again. A leave takes effect when `on_leave` has returned.
class room_memberships {
public:
  /// The way into a room that has answered.
  struct route {
    caf::actor room;                  ///< Null until then.
    direct_channel* direct = nullptr; ///< `room` as one.
  };

  // -- what handlers see ------------------------------------------------------

  bool contains(const std::string& name) const;

  /// Returns the number of rooms that handlers see.
  size_t size() const noexcept {
    return size_;
  }

  /// Returns the names of these, in alphabetical order.
  std::vector<std::string> names() const;

  // -- joining and leaving ----------------------------------------------------

  /// Notes that a join is sent.
  /// @pre !contains(name)
  void join(const std::string& name);

  /// Notes that the room has answered a join. Ignored for an unknown room.
  void on_joined(const std::string& name, const caf::actor& room);

  /// Notes that a join was refused: handlers see the room no more.
  void on_refused(const std::string& name);

  /// Leaves a room after calling `before`, which still sees it.
  /// @returns the way into the room, null if a join is under way; nullopt if
  ///          handlers do not see the room, or it is being left already.
  template <class F>
  std::optional<route> leave(const std::string& name, F before) {
    auto i = rooms_.find(name);
    if (i == rooms_.end() || !i->second.is_member || i->second.is_leaving)
      return std::nullopt;
    i->second.is_leaving = true;
    before();
    // Still there: an entry that is being left is not erased.
    i->second.is_leaving = false;
    hide(i->second);
    auto result = std::exchange(i->second.way, {});
    forget_if_settled(i);
    return result;
  }

  /// Forgets a room that broke down, after calling `before`, which still sees
  /// it. Does nothing if the room of that name is not `room`: it may have been
  /// made again.
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

  /// Forgets all rooms. Calls `f` with the name and the way of each that the
  /// connection is in or may still get into.
  template <class F>
  void release(F f) {
    size_ = 0;
    for (const auto& [name, x] : std::exchange(rooms_, {}))
      if (x.way.room || x.asked > 0)
        f(name, x.way);
  }

  // -- sending ----------------------------------------------------------------

  /// Returns the way into a room, or null if it is not known.
  const route* find_route(const std::string& name) const {
    auto i = rooms_.find(name);
    return i != rooms_.end() && i->second.way.room ? &i->second.way : nullptr;
  }

private:
  struct membership {
    route way;
    uint32_t asked = 0;      ///< Joins that the room has not answered yet.
    bool is_member = false;  ///< What handlers see.
    bool is_leaving = false; ///< on_leave runs.
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
