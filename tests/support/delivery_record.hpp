#pragma once

#include "support/bot.hpp"
#include "support/stage.hpp"
#include "troupe/recipient.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::test {

/// A participant in a random schedule: a client, a bot, or a server that sends
/// messages of its own.
struct player {
  std::string id;
  size_t node = 0;
  bool is_server = false;
  fake_client client;           ///< For clients only.
  caf::actor actor;             ///< For bots only.
  std::shared_ptr<diary> notes; ///< For bots only.
  bool is_careful = false;      ///< A bot that keeps its order over paths.
  bool alive = true;
  bool stirred = false;        ///< Started or ended in this epoch.
  bool killed = false;         ///< Its messages may be lost.
  bool resting = false;        ///< A bot that does not read.
  bool fragile = false;        ///< A bot that throws at the next batch.
  std::set<std::string> rooms; ///< According to its own joins and leaves.
  std::set<std::string> rooms_at_start;
  std::set<std::string> touched;   ///< Rooms joined or left in this epoch.
  std::set<std::string> lost;      ///< Rooms that removed it in this epoch.
  std::set<std::string> decided;   ///< Rooms that others made it join or leave
                                   ///< in this epoch.
  std::set<std::string> contested; ///< Rooms whose last join or leave is open;
                                   ///< only the connection knows.
  std::optional<std::string> first_path; ///< Of a client in this epoch.
  bool left_first_path = false;
  std::vector<std::string> heard;

  bool is_bot() const noexcept {
    return notes != nullptr;
  }

  bool is_client() const noexcept {
    return !is_bot() && !is_server;
  }

  std::vector<std::string> take_heard() {
    if (is_server)
      return {};
    return is_bot() ? notes->take_heard() : client.heard();
  }
};

/// Whether a message reaches a player.
enum class reach { no, maybe, yes };

/// Which nodes see each other.
class ties {
public:
  /// Begins an epoch.
  void begin() {
    changed_.clear();
  }

  void part(size_t i, size_t j) {
    parted_.insert(std::minmax(i, j));
    changed_.insert(std::minmax(i, j));
  }

  void meet(size_t i, size_t j) {
    parted_.erase(std::minmax(i, j));
    changed_.insert(std::minmax(i, j));
  }

  bool are_parted(size_t i, size_t j) const {
    return parted_.count(std::minmax(i, j)) != 0;
  }

  /// Returns whether messages on one node reach the other one in this epoch.
  reach between(size_t i, size_t j) const {
    if (changed_.count(std::minmax(i, j)) != 0)
      return reach::maybe;
    return are_parted(i, j) ? reach::no : reach::yes;
  }

private:
  using pair = std::pair<size_t, size_t>;

  std::set<pair> parted_;
  std::set<pair> changed_; ///< In this epoch.
};

/// A message of this epoch.
struct posted {
  size_t sender;
  size_t number;
  char kind; ///< r(oom), m(embers but the sender), i(d), c(onnection of a
             ///< room's name), n(ame of a room, if there is no such
             ///< connection), a(ll), o(thers), s(elf)
  std::string target;
  std::string path; ///< The order of the sender is kept on each path.
  bool sender_is_member = false;
  bool straight = false;        ///< From a bot directly to the room.
  bool needs_no_bridge = false; ///< From a bot directly to the connection.
  bool by_registry = false;     ///< From a client by name.
  bool goes_at_once = false; ///< From a client: does not wait for earlier ones.

  /// Returns whether a room, or the registry as one, gathers the message.
  bool is_for_many() const noexcept {
    return kind != 'i' && kind != 'c' && kind != 's';
  }

  /// Returns whether the message may be for the connection with the id
  /// `target`.
  bool is_for_id() const noexcept {
    return kind == 'i' || kind == 'c' || kind == 'n';
  }

  recipient to() const {
    switch (kind) {
      case 'a':
        return all;
      case 'o':
        return broadcast;
      case 'r':
        return recipient::room(target);
      case 'm':
        return recipient::room(target).except_sender();
      case 'c':
        return recipient::connection(target);
      default:
        return recipient::any(target);
    }
  }
};

/// A record of one epoch of a random schedule: the players, the messages that
/// they sent, and the messages that they received.
struct delivery_record {
  std::vector<player> players;
  std::vector<posted> posts;
  test::ties ties;

  /// Returns the name of a room. Some connections have such an id.
  static std::string room(size_t i) {
    return "room" + std::to_string(i);
  }

  static bool is_room(const std::string& id) {
    return id.starts_with("room");
  }

  /// Prefix of messages that are not posts.
  static constexpr std::string_view fence = "fence";

  /// Begins an epoch.
  void begin() {
    posts.clear();
    ties.begin();
    for (auto& x : players) {
      x.take_heard(); // Discards fences.
      x.heard.clear();
      x.touched.clear();
      x.decided.clear();
      x.contested.clear();
      x.lost.clear();
      x.rooms_at_start = x.rooms;
      x.stirred = false;
      x.first_path.reset();
      x.left_first_path = false;
    }
  }

  /// Records what was received since the last call, and which bots were
  /// removed.
  void listen() {
    for (auto& x : players) {
      for (auto& text : x.take_heard())
        if (!text.starts_with(fence))
          x.heard.push_back(std::move(text));
      if (x.is_bot())
        note_removals(x);
    }
  }

  /// Returns whether `x` reaches `who`, according to what is known at present.
  reach reach_of(const posted& x, const player& who) const {
    if (who.is_server || (!who.alive && !who.stirred))
      return reach::no; // It has ended in an earlier epoch.
    // It may miss messages if it has started or ended in this epoch.
    auto sure = who.stirred || may_be_lost(x) ? reach::maybe : reach::yes;
    if (!x.needs_no_bridge)
      sure = std::min(sure, ties.between(players[x.sender].node, who.node));
    return reach_of(x, who, sure);
  }

  std::string describe(const posted& x) const {
    return std::to_string(x.number) + " (" + x.kind + " of "
           + players[x.sender].id + " to '" + x.target + "')";
  }

  [[noreturn]] static void fail(const player& who, const std::string& what) {
    auto text = who.id + ": " + what + "; heard";
    for (const auto& x : who.heard)
      text += " " + x;
    throw std::logic_error(text);
  }

private:
  reach reach_of(const posted& x, const player& who, reach sure) const {
    bool own = &players[x.sender] == &who;
    switch (x.kind) {
      case 's':
        return own ? sure : reach::no;
      case 'a': // `all` addresses connections only.
        return who.is_bot() ? reach::no : sure;
      case 'o':
        return own || who.is_bot() ? reach::no : sure;
      case 'i':
      case 'c':
        return who.id == x.target ? sure : reach::no;
      case 'm':
        return own ? reach::no : reach_in_room(x, who, sure);
      case 'n':
        return reach_by_name(x, who, sure);
      default:
        return reach_in_room(x, who, sure);
    }
  }

  void note_removals(player& x) {
    x.lost.merge(x.notes->take_lost());
    x.touched.insert(x.lost.begin(), x.lost.end());
    x.rooms = x.notes->rooms();
  }

  /// Returns whether a message may be lost: because its sender was killed, or
  /// because the room has removed the sender and may have ended.
  bool may_be_lost(const posted& x) const {
    const auto& sender = players[x.sender];
    return sender.killed || (x.straight && sender.lost.count(x.target) != 0);
  }

  /// Handles messages to a bare name. A connection takes precedence over a room
  /// of the same name (C41) on all nodes that see the connection's node.
  reach reach_by_name(const posted& x, const player& who, reach sure) const {
    auto here = players[x.sender].node;
    auto is_known = reach::no;
    for (const auto& y : players)
      if (y.id == x.target && (y.alive || y.stirred))
        is_known = y.stirred ? reach::maybe : ties.between(here, y.node);
    if (who.id == x.target)
      return std::min(sure, is_known);
    if (is_known == reach::yes)
      return reach::no;
    return reach_in_room(
      x, who, is_known == reach::no ? sure : std::min(sure, reach::maybe));
  }

  reach reach_in_room(const posted& x, const player& who, reach sure) const {
    bool own = &players[x.sender] == &who;
    if (own && who.is_client() && who.decided.count(x.target) == 0)
      return x.sender_is_member ? sure : reach::no;
    if (who.touched.count(x.target) != 0)
      return std::min(sure, reach::maybe);
    return who.rooms_at_start.count(x.target) != 0 ? sure : reach::no;
  }
};

} // namespace troupe::test
