#pragma once

#include "attendance.hpp"

#include <troupe/troupe.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace chat {

/// The room in which the directories of all nodes are members. Guests cannot
/// join it, since the names of their rooms begin with '#'.
inline constexpr const char* colleagues_room = "~directories";

/// The protocol between the directories of all nodes, by which each knows all
/// attendees. A directory sends the attendees of its own node: the full state
/// on request, then each change. Changes are numbered, and each beat repeats
/// the last number, so that a directory that missed one, because it joined late
/// or a connection between nodes broke, notices that and requests the state.
class colleagues {
public:
  struct actions {
    /// Sends a message to all other directories.
    std::function<void(troupe::frame)> say;

    /// Called when an attendee at another node has changed. `before` has no
    /// rooms if it has come, `after` has none if it has left.
    std::function<void(const attendee& before, const attendee& after)> changed;

    /// Called when the state of `node` is known for the first time since it is
    /// up.
    std::function<void(const std::string& node)> met;

    /// Called when the directory of `node` requests the messages of `room`.
    std::function<void(const std::string& node, const std::string& room)> asked;

    /// Called with the messages of `room` that `node` has.
    std::function<void(const std::string& node, const std::string& room,
                       std::vector<message> said)>
      told;
  };

  /// @param node name of this node.
  colleagues(std::string node, attendance& all, actions how);

  const std::string& node() const noexcept {
    return node_;
  }

  // -- this node --------------------------------------------------------------

  /// Adds or replaces an attendee at this node, and reports it to the other
  /// directories.
  void put(attendee x);

  void remove(const std::string& who);

  /// Sends a beat. Must be called periodically.
  void beat();

  /// Requests the messages of a room.
  void recall(const std::string& room);

  /// Responds to such a request of `node`.
  void tell(const std::string& node, const std::string& room,
            std::vector<message> said);

  // -- others -----------------------------------------------------------------

  void node_up(const std::string& node);

  /// Removes the attendees of `node`.
  void node_down(const std::string& node);

  bool alone() const noexcept {
    return up_.empty();
  }

  /// Processes a message of another directory. Logs and ignores invalid ones.
  void hear(const troupe::event& x);

private:
  template <class T>
  void say(std::string_view event, const T& what) const;

  void say_state() const;
  void take(const troupe::event& x);
  void check(const std::string& node, uint64_t number);
  void replace(const std::string& node, std::vector<attendee> now);
  void put(const std::string& node, attendee x);
  void drop(const std::string& who);

  std::string node_;
  attendance& all_;
  actions how_;
  uint64_t number_ = 0; ///< Number of the last change at this node.
  std::set<std::string> up_;
  /// Number of the last known change, by node.
  std::map<std::string, uint64_t> numbers_;
  std::set<std::string> asked_; ///< Nodes asked since the last beat.
};

} // namespace chat
