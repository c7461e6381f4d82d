#pragma once

#include "support/delivery_bots.hpp"
#include "support/delivery_checks.hpp"
#include "support/delivery_clients.hpp"
#include "support/delivery_record.hpp"
#include "support/delivery_world.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::test {

/// Plays a random schedule of joins, leaves, messages and ends over many
/// connections and rooms, and checks every delivery against a simple model. In
/// between, handlers throw or await a response, connections are killed, bots
/// take part, and threads are held up, none of which may affect other players.
/// Servers send messages, actors change the membership of connections,
/// connections have ids that are names of rooms, and nodes part and meet.
///
/// A schedule consists of epochs. Within an epoch, everything races. Between
/// two epochs, nothing is in flight, so the model knows all members and
/// compares them with what connections, rooms and registries respond. The model
/// expects:
///
/// - A message reaches all who are members throughout the epoch. It may reach
///   those who join or leave. A client receives its own message exactly if it
///   is a member when it sends the message.
/// - A message may be lost between two nodes that part or meet in the epoch. It
///   does not reach a node that is parted from that of the sender.
/// - No message arrives twice. The messages of a sender arrive in its order, or
///   in its order on each path if the sender is a bot.
/// - All members of a room on one node agree on one order.
class delivery_model {
public:
  /// How messages begin that are not the model's: see
  /// `delivery::world::quiesce`.
  static constexpr std::string_view fence = delivery_record::fence;

  delivery_model(unsigned seed, delivery::limits n, delivery::world w)
    : random_(seed),
      n_(n),
      world_(std::move(w)) {
  }

  /// Plays the schedule.
  /// @returns a description of the first failed check; empty if there is none.
  std::string play() {
    std::string res;
    try {
      if (world_.announce)
        for (size_t i = 0; i < n_.nodes; ++i)
          add_server(i);
      fill_up(n_.clients);
      quiesce();
      for (size_t i = 0; i < n_.epochs; ++i)
        play_epoch();
    } catch (const std::logic_error& e) {
      res = e.what();
    }
    if (hold_)
      world_.threads->go_on();
    bots_.dismiss_all();
    return res;
  }

  /// Returns the number of checked deliveries.
  size_t deliveries() const noexcept {
    return deliveries_;
  }

  /// Returns how many of them were from and to other threads while a thread was
  /// held up.
  size_t heard_in_holds() const noexcept {
    return heard_in_holds_;
  }

  /// Returns how often others have changed a client's membership.
  size_t decisions() const noexcept {
    return clients_.decisions();
  }

  /// Returns how often nodes have parted or met.
  size_t tie_changes_made() const noexcept {
    return tie_changes_made_;
  }

  /// Returns the number of deliveries to connections with a room's name.
  size_t heard_by_namesakes() const noexcept {
    return heard_by_namesakes_;
  }

  /// Returns how often rooms have removed bots.
  size_t removals() const noexcept {
    return removals_;
  }

private:
  struct hold {
    size_t thread;
    size_t steps_left;
    size_t first_post;
  };

  void fill_up(size_t clients) {
    while (clients_.alive().size() < clients)
      clients_.connect();
    while (bots_.alive().size() < n_.bots)
      bots_.hire();
  }

  void add_server(size_t node) {
    auto& x = players_.emplace_back();
    x.id = "server" + std::to_string(node);
    x.node = node;
    x.is_server = true;
    servers_.push_back(players_.size() - 1);
  }

  void quiesce() {
    delivery::cast who;
    for (auto& x : players_)
      if (x.is_client() && x.alive)
        who.clients.push_back(&x.client);
      else if (x.is_bot() && x.alive && !x.resting)
        who.bots.push_back(x.actor);
      else if (x.is_bot() && !x.alive && x.stirred)
        who.ended_bots.push_back(x.actor);
    world_.quiesce(who);
  }

  // -- an epoch ---------------------------------------------------------------

  void play_epoch() {
    record_.begin();
    auto present = clients_.alive().size();
    for (size_t i = 0; i < n_.steps; ++i) {
      step();
      world_.between_steps();
    }
    end_hold();
    bots_.end_fragile();
    settle_ties();
    check();
    fill_up(present);
    quiesce();
  }

  void check() {
    delivery_checks checks{record_};
    quiesce();
    record_.listen();
    if (bots_.some_rest()) {
      checks.run_while_some_rest();
      bots_.wake_all();
      quiesce();
      record_.listen();
    }
    check_removals();
    deliveries_ += checks.run();
    for (const auto& x : players_)
      if (record_.is_room(x.id))
        heard_by_namesakes_ += x.heard.size();
    if (world_.questions)
      check_memberships();
  }

  /// Checks that connections, rooms and registries agree with the model.
  void check_memberships() {
    for (auto& x : players_)
      for (const auto& room : x.contested)
        if (x.alive && room != x.id) {
          x.rooms.erase(room);
          if (world_.questions->is_joined(x.client, room))
            x.rooms.insert(room);
        }
    for (auto i : clients_.alive()) {
      auto some = players_[i].decided;
      some.insert(delivery_record::room(random_.pick(n_.rooms)));
      for (const auto& room : some)
        check_own_word(players_[i], room);
    }
    for (size_t i = 0; i < n_.nodes; ++i) {
      auto rooms = world_.questions->rooms_at(i);
      for (size_t j = 0; j < n_.rooms; ++j)
        check_room(i, delivery_record::room(j), rooms);
      check_list(i, delivery_record::room(random_.pick(n_.rooms)));
    }
  }

  void check_own_word(player& x, const std::string& room) {
    bool expected = x.rooms.count(room) != 0 || room == x.id; // C42
    if (world_.questions->is_joined(x.client, room) != expected)
      record_.fail(x, expected ? "takes itself for no member of " + room
                               : "takes itself for a member of " + room);
  }

  /// Checks the members of a room on a node. The room exists on all nodes with
  /// members, and on all nodes that see one of these.
  void check_room(size_t node, const std::string& room,
                  std::map<std::string, std::vector<caf::actor>>& rooms) {
    auto there = rooms.find(room);
    bool is_needed = false;
    std::vector<caf::actor> missing;
    if (there != rooms.end())
      missing = there->second;
    for (const auto& x : players_) {
      if (!x.alive || x.rooms.count(room) == 0)
        continue;
      is_needed |= record_.ties.between(node, x.node) != reach::no
                   && !record_.ties.are_parted(node, x.node);
      if (x.node != node)
        continue;
      auto i = std::find(missing.begin(), missing.end(),
                         x.is_bot() ? x.actor : x.client.actor);
      if (i == missing.end())
        record_.fail(x, "is not known to " + room);
      missing.erase(i);
    }
    auto at = room + " on node " + std::to_string(node);
    if (!missing.empty())
      throw std::logic_error(at + " has a member too many");
    if (is_needed != (there != rooms.end()))
      throw std::logic_error(at + (is_needed ? " is not there" : " lives on"));
  }

  /// Checks the list of connections in a room. If there is a connection with
  /// the room's name on any node, only that one may be listed (C42).
  void check_list(size_t node, const std::string& room) {
    std::set<std::string> expected;
    for (auto i : clients_.alive())
      if (auto& x = players_[i]; x.node == node && x.rooms.count(room) != 0)
        expected.insert(x.id);
    for (auto i : clients_.alive())
      if (auto& x = players_[i]; x.id == room && x.node == node)
        expected = {room};
      else if (x.id == room && !record_.ties.are_parted(node, x.node))
        expected.clear();
    auto xs = world_.questions->connections_in(node, room);
    if (std::set<std::string>{xs.begin(), xs.end()} != expected
        || xs.size() != expected.size())
      throw std::logic_error("node " + std::to_string(node)
                             + " lists others in " + room);
  }

  void check_removals() {
    for (const auto& x : players_) {
      removals_ += x.lost.size();
      if (!x.lost.empty() && !n_.may_remove_bots)
        record_.fail(x, "was removed from " + *x.lost.begin());
    }
  }

  void step() {
    pass_hold();
    if (world_.ties && n_.nodes_part && n_.nodes > 1 && random_.pick(12) == 0)
      change_ties();
    if (!servers_.empty() && random_.pick(8) == 0)
      server_step();
    else if (n_.bots > 0 && random_.pick(3) == 0)
      bots_.step(clients_.settled());
    else
      clients_.step();
  }

  /// Lets a server send a message.
  void server_step() {
    static constexpr std::string_view kinds = "rrrmncia";
    auto candidates = clients_.settled();
    if (candidates.empty())
      return;
    auto who = random_.one_of(servers_);
    posted p{who, record_.posts.size(), kinds[random_.pick(kinds.size())], "",
             ""};
    if (p.kind == 'i' || p.kind == 'c')
      p.target = players_[random_.one_of(candidates)].id;
    else if (p.kind != 'a')
      p.target = delivery_record::room(random_.pick(n_.rooms));
    if (p.kind == 'i' && delivery_record::is_room(p.target))
      p.kind = 'n';
    record_.posts.push_back(p);
    world_.announce(players_[who].node, p.to(),
                    frame::text(std::to_string(p.number)));
  }

  // -- nodes that part and meet -----------------------------------------------

  void change_ties() {
    auto j = 1 + random_.pick(n_.nodes - 1);
    auto i = random_.pick(j);
    auto& ties = record_.ties;
    ++tie_changes_made_;
    if (ties.are_parted(i, j) || random_.pick(3) == 0) {
      ties.meet(i, j); // Replaces the bridges if the nodes are not parted.
      world_.ties->meet(i, j);
      return;
    }
    ties.part(i, j);
    if (random_.pick(2) == 0)
      world_.ties->part(i, j);
    else if (random_.pick(2) == 0)
      world_.ties->lose(i, j, random_.pick(2) == 0);
    else
      world_.ties->lose(j, i, random_.pick(2) == 0);
  }

  /// Makes some of the parted nodes meet, and makes the others notice that they
  /// are parted.
  void settle_ties() {
    for (size_t j = 1; j < n_.nodes; ++j)
      for (size_t i = 0; i < j; ++i)
        if (!record_.ties.are_parted(i, j)) {
          continue;
        } else if (random_.pick(2) == 0) {
          record_.ties.meet(i, j);
          world_.ties->meet(i, j);
        } else {
          world_.ties->part(i, j);
        }
  }

  // -- threads that are held up -----------------------------------------------

  void pass_hold() {
    if (!world_.threads)
      return;
    if (hold_ && --hold_->steps_left == 0)
      end_hold();
    else if (!hold_ && random_.pick(4) == 0)
      begin_hold();
  }

  void begin_hold() {
    auto candidates = clients_.settled();
    if (candidates.empty())
      return;
    auto& x = players_[random_.one_of(candidates)];
    auto thread = world_.threads->of_client(x.id);
    world_.threads->hold(x.id, x.client);
    hold_ = hold{thread, 1 + random_.pick(n_.steps / 2), record_.posts.size()};
  }

  void end_hold() {
    if (!hold_)
      return;
    check_hold();
    hold_.reset();
    world_.threads->go_on();
  }

  /// Checks that clients on other threads receive all messages that do not
  /// involve the thread that is held up.
  void check_hold() {
    for (const auto& x : record_.posts)
      for (auto& who : players_)
        if (passes_by_hold(x, who) && record_.reach_of(x, who) == reach::yes) {
          if (!world_.threads->hears(who.client, std::to_string(x.number)))
            record_.fail(who, record_.describe(x) + " waits for thread "
                                + std::to_string(hold_->thread));
          heard_in_holds_ += x.number >= hold_->first_post ? 1 : 0;
        }
  }

  bool passes_by_hold(const posted& x, const player& who) const {
    const auto& at = *world_.threads;
    auto held = hold_->thread;
    if (!x.goes_at_once || !who.is_client() || at.of_client(who.id) == held
        || at.of_client(players_[x.sender].id) == held)
      return false;
    bool asks_registry = x.by_registry && at.of_registry == held;
    bool asks_room = x.is_for_many() && !x.target.empty()
                     && at.of_room(x.target) == held;
    return !asks_registry && !asks_room;
  }

  chance random_;
  delivery::limits n_;
  delivery::world world_;
  delivery_record record_;
  std::vector<player>& players_ = record_.players;
  delivery_bots bots_{record_,     random_,       n_.rooms, n_.may_remove_bots,
                      world_.hire, world_.node_of};
  delivery_clients clients_{record_, random_, n_, world_};
  std::vector<size_t> servers_; ///< Of the players.
  std::optional<hold> hold_;
  size_t deliveries_ = 0;
  size_t tie_changes_made_ = 0;
  size_t heard_by_namesakes_ = 0;
  size_t heard_in_holds_ = 0;
  size_t removals_ = 0;
};

} // namespace troupe::test
