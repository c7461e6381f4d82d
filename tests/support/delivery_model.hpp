#pragma once

#include "support/stage.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <functional>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe::test {

/// Plays a random schedule of joins, leaves, messages and ends over many
/// connections and rooms, and checks every delivery against a plain model.
/// Among it, handlers throw or await an answer, and connections are killed:
/// that is nobody else's business.
///
/// A schedule has epochs. Within one, everything races; between two, all is
/// quiet, so the model knows who is where. A message must reach those who were
/// in its room throughout the epoch, and may reach those who came or went; its
/// own sender it reaches exactly if the sender's program says so. Nothing comes
/// twice, each sender's messages come in its order, and all members of a room
/// agree on one order.
class delivery_model {
public:
  struct limits {
    size_t clients = 8;
    size_t rooms = 4;
    size_t epochs = 4;
    size_t steps = 40;
  };

  /// How the world is run: differs between virtual time and real threads.
  struct world {
    std::function<fake_client(std::string id)> connect;
    std::function<void()> between_steps;
    /// Returns when nothing is under way any more.
    std::function<void(const std::vector<fake_client*>& alive)> quiesce;
    /// Where a client is: the members of a room agree on one order per node.
    std::function<size_t(const std::string& id)> node_of
      = [](const std::string&) { return size_t{0}; };
  };

  /// How messages begin that are not the model's: see `world::quiesce`.
  static constexpr std::string_view fence = "fence";

  delivery_model(unsigned seed, limits n, world w)
    : random_(seed),
      n_(n),
      world_(std::move(w)) {
  }

  /// @returns what went wrong; empty if nothing did.
  std::string play() {
    try {
      while (alive().size() < n_.clients)
        connect();
      quiesce();
      for (size_t i = 0; i < n_.epochs; ++i)
        play_epoch();
      return {};
    } catch (const std::logic_error& e) {
      return e.what();
    }
  }

  /// How many deliveries were checked.
  size_t deliveries() const noexcept {
    return deliveries_;
  }

private:
  struct player {
    std::string id;
    fake_client client;
    bool alive = true;
    bool stirred = false;        ///< Came or ended in this epoch.
    bool killed = false;         ///< What it sent may be lost with it.
    std::set<std::string> rooms; ///< In the order of its own program.
    std::set<std::string> rooms_at_start;
    std::set<std::string> touched; ///< Rooms joined or left in this epoch.
    std::vector<std::string> heard;
  };

  /// A message of this epoch. `kind` is r(oom), i(d), a(ll), o(thers), s(elf).
  struct posted {
    size_t sender;
    size_t number;
    char kind;
    std::string target;
    bool sender_is_member;
  };

  size_t pick(size_t n) {
    return std::uniform_int_distribution<size_t>{0, n - 1}(random_);
  }

  std::vector<size_t> alive() const {
    std::vector<size_t> res;
    for (size_t i = 0; i < players_.size(); ++i)
      if (players_[i].alive)
        res.push_back(i);
    return res;
  }

  /// Those who may act: a client that has just come has no credit to speak.
  std::vector<size_t> settled() const {
    auto res = alive();
    std::erase_if(res, [this](size_t i) { return players_[i].stirred; });
    return res;
  }

  void connect() {
    auto& x = players_.emplace_back();
    x.id = "p" + std::to_string(players_.size());
    x.client = world_.connect(x.id);
    x.stirred = true;
  }

  void quiesce() {
    std::vector<fake_client*> xs;
    for (auto i : alive())
      xs.push_back(&players_[i].client);
    world_.quiesce(xs);
  }

  // -- playing ----------------------------------------------------------------

  void play_epoch() {
    posts_.clear();
    for (auto& x : players_) {
      x.heard.clear();
      x.client.heard(); // Forget fences.
      x.touched.clear();
      x.rooms_at_start = x.rooms;
      x.stirred = false;
    }
    auto present = alive().size();
    for (size_t i = 0; i < n_.steps; ++i) {
      step();
      world_.between_steps();
    }
    quiesce();
    for (auto& x : players_) {
      x.heard = x.client.heard();
      std::erase_if(x.heard,
                    [](auto& text) { return text.starts_with(fence); });
    }
    for (auto& x : players_)
      check(x);
    std::set<size_t> nodes;
    for (const auto& x : players_)
      nodes.insert(world_.node_of(x.id));
    for (auto node : nodes)
      check_common_order(node);
    while (alive().size() < present)
      connect();
    quiesce();
  }

  void step() {
    auto candidates = settled();
    if (candidates.empty())
      return;
    auto who = candidates[pick(candidates.size())];
    auto& x = players_[who];
    auto room = "room" + std::to_string(pick(n_.rooms));
    auto other = players_[candidates[pick(candidates.size())]].id;
    switch (pick(22)) {
      case 0:
      case 1:
      case 2:
        x.client.say("m:join;0;" + room);
        x.rooms.insert(room);
        x.touched.insert(room);
        break;
      case 3:
      case 4:
        x.client.say("m:leave;0;" + room);
        x.rooms.erase(room);
        x.touched.insert(room);
        break;
      case 5:
        if (pick(4) == 0)
          end(x);
        break;
      case 6:
        if (pick(4) == 0)
          connect();
        break;
      case 7:
      case 8:
        post(who, 'a', "");
        break;
      case 9:
      case 10:
        post(who, 'o', "");
        break;
      case 11:
      case 12:
        post(who, 'i', other);
        break;
      case 13:
      case 14:
        post(who, 's', "");
        break;
      case 15:
        x.client.say("m:throw;0;");
        break;
      case 16:
        x.client.say("m:await;0;");
        break;
      default:
        post(who, 'r', room);
    }
  }

  void end(player& x) {
    switch (pick(3)) {
      case 0:
        x.client.say("m:bye;0;");
        break;
      case 1:
        x.client.hang_up();
        break;
      default:
        x.killed = true;
        caf::anon_send_exit(x.client.actor, caf::exit_reason::kill);
    }
    x.alive = false;
    x.stirred = true;
    x.rooms.clear();
  }

  void post(size_t who, char kind, std::string target) {
    auto& x = players_[who];
    auto number = posts_.size();
    auto text = std::to_string(number);
    bool member = kind == 'r' && x.rooms.count(target) != 0;
    posts_.push_back({who, number, kind, target, member});
    switch (kind) {
      case 'r':
        x.client.say("m:room;4;[\"" + target + "\",\"" + text + "\"]");
        break;
      case 'i':
        x.client.say("m:to;4;[\"" + target + "\",\"" + text + "\"]");
        break;
      case 'a':
        x.client.say("m:all;0;" + text);
        break;
      case 'o':
        x.client.say("m:others;0;" + text);
        break;
      default:
        x.client.say("m:self;0;" + text);
    }
  }

  // -- checking ---------------------------------------------------------------

  enum class reach { no, maybe, yes };

  reach reach_of(const posted& x, const player& who) const {
    const auto& sender = players_[x.sender];
    bool own = &sender == &who;
    if (!who.alive && !who.stirred)
      return reach::no; // Gone since an earlier epoch.
    // A socket that is lost, or a connection that came, in this epoch.
    auto sure = who.stirred || sender.killed ? reach::maybe : reach::yes;
    switch (x.kind) {
      case 's':
        return own ? sure : reach::no;
      case 'a':
        return sure;
      case 'o':
        return own ? reach::no : sure;
      case 'i':
        return who.id == x.target ? sure : reach::no;
      default:
        break;
    }
    if (own)
      return x.sender_is_member ? sure : reach::no;
    if (who.touched.count(x.target) != 0)
      return reach::maybe;
    return who.rooms_at_start.count(x.target) != 0 ? sure : reach::no;
  }

  std::string describe(const posted& x) const {
    return std::to_string(x.number) + " (" + x.kind + " of "
           + players_[x.sender].id + " to '" + x.target + "')";
  }

  [[noreturn]] void fail(const player& who, const std::string& what) const {
    auto text = who.id + ": " + what + "; heard";
    for (const auto& x : who.heard)
      text += " " + x;
    throw std::logic_error(text);
  }

  void check(const player& who) {
    std::set<size_t> seen;
    std::map<size_t, size_t> last_of_sender;
    for (const auto& text : who.heard) {
      auto number = static_cast<size_t>(std::stoul(text));
      const auto& x = posts_.at(number);
      if (!seen.insert(number).second)
        fail(who, text + " came twice");
      if (reach_of(x, who) == reach::no)
        fail(who, text + " is not for it");
      auto [i, is_first] = last_of_sender.emplace(x.sender, number);
      if (!is_first && i->second > number)
        fail(who, describe(x) + " came after " + describe(posts_[i->second]));
      i->second = number;
      ++deliveries_;
    }
    for (const auto& x : posts_)
      if (reach_of(x, who) == reach::yes && seen.count(x.number) == 0)
        fail(who, describe(x) + " is missing");
  }

  /// The orders in which members on one node heard the messages of one room
  /// must have a common extension: a graph without a cycle.
  void check_common_order(size_t node) {
    std::map<std::string, std::map<size_t, std::set<size_t>>> after;
    for (const auto& who : players_) {
      if (world_.node_of(who.id) != node)
        continue;
      std::map<std::string, size_t> previous;
      for (const auto& text : who.heard) {
        const auto& x = posts_.at(std::stoul(text));
        if (x.kind != 'r' && x.kind != 'a' && x.kind != 'o')
          continue;
        auto [i, is_first] = previous.emplace(x.target, x.number);
        if (!is_first)
          after[x.target][i->second].insert(x.number);
        i->second = x.number;
      }
    }
    for (auto& [room, edges] : after)
      if (has_cycle(edges))
        throw std::logic_error("no common order in room '" + room + "'");
  }

  static bool has_cycle(const std::map<size_t, std::set<size_t>>& edges) {
    std::map<size_t, int> state; // 1: being visited, 2: done
    std::function<bool(size_t)> visit = [&](size_t x) {
      if (state[x] != 0)
        return state[x] == 1;
      state[x] = 1;
      if (auto i = edges.find(x); i != edges.end())
        for (auto next : i->second)
          if (visit(next))
            return true;
      state[x] = 2;
      return false;
    };
    for (const auto& [x, _] : edges)
      if (visit(x))
        return true;
    return false;
  }

  std::mt19937 random_;
  limits n_;
  world world_;
  std::vector<player> players_;
  std::vector<posted> posts_;
  size_t deliveries_ = 0;
};

} // namespace troupe::test
