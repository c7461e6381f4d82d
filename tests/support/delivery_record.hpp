#pragma once

#include "support/bot.hpp"
#include "support/stage.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

/// One who takes part in a random schedule: a client, or a bot.
struct player {
  std::string id;
  fake_client client;           ///< Of a client only.
  caf::actor actor;             ///< Of a bot only.
  std::shared_ptr<diary> notes; ///< Of a bot only.
  bool is_careful = false;      ///< A bot that keeps its order over paths.
  bool alive = true;
  bool stirred = false;        ///< Came or ended in this epoch.
  bool killed = false;         ///< What it sent may be lost with it.
  bool resting = false;        ///< A bot that does not read.
  bool fragile = false;        ///< A bot that may be gone by itself.
  std::set<std::string> rooms; ///< In the order of its own program.
  std::set<std::string> rooms_at_start;
  std::set<std::string> touched; ///< Rooms joined or left in this epoch.
  std::set<std::string> lost;    ///< Rooms that removed it in this epoch.
  std::set<std::string> decided; ///< Rooms that somebody else made it join or
                                 ///< leave in this epoch.
  std::optional<std::string> first_path; ///< Of a client, in this epoch.
  bool left_first_path = false;
  std::vector<std::string> heard;

  bool is_bot() const noexcept {
    return notes != nullptr;
  }

  std::vector<std::string> take_heard() {
    return is_bot() ? notes->take_heard() : client.heard();
  }
};

/// A message of this epoch.
struct posted {
  size_t sender;
  size_t number;
  char
    kind; ///< r(oom), m(embers but the sender), i(d), a(ll), o(thers), s(elf)
  std::string target;
  std::string path; ///< The sender's order is promised on each of them.
  bool sender_is_member = false;
  bool straight = false;     ///< Of a bot, to the receiver itself.
  bool by_registry = false;  ///< Of a client: by name.
  bool goes_at_once = false; ///< Of a client: nothing said before holds it up.

  /// Whether a room, or the registry as one, gathers it.
  bool is_for_many() const noexcept {
    return kind != 'i' && kind != 's';
  }
};

/// What an epoch of a random schedule was: who took part, who said what, who
/// heard it.
struct delivery_record {
  std::vector<player> players;
  std::vector<posted> posts;

  /// How messages begin that are no posts.
  static constexpr std::string_view fence = "fence";

  /// Begins an epoch.
  void begin() {
    posts.clear();
    for (auto& x : players) {
      x.take_heard(); // Forget fences.
      x.heard.clear();
      x.touched.clear();
      x.decided.clear();
      x.lost.clear();
      x.rooms_at_start = x.rooms;
      x.stirred = false;
      x.first_path.reset();
      x.left_first_path = false;
    }
  }

  /// Notes what was heard since the last time, and who was removed.
  void listen() {
    for (auto& x : players) {
      for (auto& text : x.take_heard())
        if (!text.starts_with(fence))
          x.heard.push_back(std::move(text));
      if (x.is_bot())
        note_removals(x);
    }
  }

  enum class reach { no, maybe, yes };

  /// Whether `who` is to hear `x`, as far as is known now.
  reach reach_of(const posted& x, const player& who) const {
    const auto& sender = players[x.sender];
    bool own = &sender == &who;
    if (!who.alive && !who.stirred)
      return reach::no; // Gone since an earlier epoch.
    // A socket that is lost, or a connection that came, in this epoch.
    auto sure = who.stirred || may_be_lost(x) ? reach::maybe : reach::yes;
    switch (x.kind) {
      case 's':
        return own ? sure : reach::no;
      case 'a': // "Everybody" are all connections.
        return who.is_bot() ? reach::no : sure;
      case 'o':
        return own || who.is_bot() ? reach::no : sure;
      case 'i':
        return who.id == x.target ? sure : reach::no;
      case 'm':
        return own ? reach::no : reach_in_room(x, who, sure);
      default:
        if (own && !who.is_bot() && who.decided.count(x.target) == 0)
          return x.sender_is_member ? sure : reach::no;
        return reach_in_room(x, who, sure);
    }
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
  void note_removals(player& x) {
    x.lost.merge(x.notes->take_lost());
    x.touched.insert(x.lost.begin(), x.lost.end());
    x.rooms = x.notes->rooms();
  }

  /// With its sender, or, sent to a room that has removed its sender, with the
  /// room, which may have ended.
  bool may_be_lost(const posted& x) const {
    const auto& sender = players[x.sender];
    return sender.killed || (x.straight && sender.lost.count(x.target) != 0);
  }

  static reach reach_in_room(const posted& x, const player& who, reach sure) {
    if (who.touched.count(x.target) != 0)
      return reach::maybe;
    return who.rooms_at_start.count(x.target) != 0 ? sure : reach::no;
  }
};

} // namespace troupe::test
