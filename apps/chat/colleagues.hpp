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

/// Where the directories of all nodes meet. No guest can enter: names of theirs
/// begin with '#'.
inline constexpr const char* colleagues_room = "~directories";

/// What one node's directory and those of other nodes tell each other, so that
/// each knows who is there. Every directory says who is at its own node: all of
/// it when asked, then one change at a time. Changes are numbered and the last
/// number is repeated in each beat, so that whoever missed something, since he
/// came late or a connection between nodes broke, notices and asks.
class colleagues {
public:
  struct actions {
    /// Says something to all of them.
    std::function<void(troupe::frame)> say;

    /// Somebody at another node changed; without rooms before he came and
    /// after he went.
    std::function<void(const attendee& before, const attendee& after)> changed;

    /// For the first time since its node is up we know who is at `node`.
    std::function<void(const std::string& node)> met;

    /// Another node's directory wants to know what was said in `room`.
    std::function<void(const std::string& node, const std::string& room)> asked;

    /// What was said in `room`, as `node` knows it.
    std::function<void(const std::string& node, const std::string& room,
                       std::vector<message> said)>
      told;
  };

  /// @param node this one's name.
  colleagues(std::string node, attendance& all, actions how);

  const std::string& node() const noexcept {
    return node_;
  }

  // -- this node --------------------------------------------------------------

  /// Somebody at this node came or changed.
  void put(attendee x);

  void remove(const std::string& who);

  /// To be called every now and then.
  void beat();

  /// Asks what was said in a room.
  void recall(const std::string& room);

  /// Answers that.
  void tell(const std::string& node, const std::string& room,
            std::vector<message> said);

  // -- others -----------------------------------------------------------------

  void node_up(const std::string& node);

  /// Takes those who are there with it.
  void node_down(const std::string& node);

  bool alone() const noexcept {
    return up_.empty();
  }

  /// Takes in what somebody said. Nonsense is passed over.
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
  uint64_t number_ = 0; ///< Of our own last change.
  std::set<std::string> up_;
  std::map<std::string, uint64_t> numbers_; ///< Last change known, by node.
  std::set<std::string> asked_;             ///< Since the last beat.
};

} // namespace chat
