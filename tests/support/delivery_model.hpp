#pragma once

#include "support/delivery_bots.hpp"
#include "support/delivery_checks.hpp"
#include "support/delivery_record.hpp"

#include <algorithm>
#include <functional>
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
  struct limits {
    size_t clients = 8;
    size_t rooms = 4;
    size_t epochs = 4;
    size_t steps = 40;
    size_t bots = 0;
    bool may_remove_bots = false; ///< Rooms may remove slow bots.
    size_t nodes = 1;
    bool nodes_part = false; ///< Nodes part and meet.
  };

  /// The players for which `world::quiesce` waits.
  struct cast {
    std::vector<fake_client*> clients;
    std::vector<caf::actor> bots;       ///< Except for those that rest.
    std::vector<caf::actor> ended_bots; ///< Told to end in this epoch.
  };

  /// Threads that can be held up.
  struct threads {
    std::function<size_t(const std::string& id)> of_client;
    std::function<size_t(const std::string& name)> of_room;
    size_t of_registry = 0;
    /// Holds up the thread of this client, and may use the client for that.
    std::function<void(const std::string& id, fake_client&)> hold;
    std::function<void()> go_on;
    /// Returns whether the client receives `text` while a thread is held up.
    std::function<bool(fake_client&, const std::string& text)> hears;
  };

  /// Functions that make two nodes part and meet.
  struct tie_changes {
    /// Ends only the bridge of `i` to `j`, by an exception or regularly.
    std::function<void(size_t i, size_t j, bool breaks_down)> lose;
    /// Ends the bridges between the nodes. `i` is less than `j`.
    std::function<void(size_t i, size_t j)> part;
    /// Replaces the bridges between the nodes. `i` is less than `j`.
    std::function<void(size_t i, size_t j)> meet;
  };

  /// Queries that are made when nothing is in flight.
  struct questions {
    /// Members by room, according to the registry of a node and the rooms.
    std::function<std::map<std::string, std::vector<caf::actor>>(size_t node)>
      rooms_at;
    /// Ids in a room, according to the registry of a node.
    std::function<std::vector<std::string>(size_t node,
                                           const std::string& room)>
      connections_in;
    /// Membership according to the connection.
    std::function<bool(fake_client&, const std::string& room)> is_joined;
  };

  /// How the schedule is run, under virtual time or on real threads.
  struct world {
    std::function<fake_client(std::string id)> connect;
    std::function<void()> between_steps;
    /// Returns when nothing is in flight any more.
    std::function<void(const cast&)> quiesce;
    /// Returns the node of a player.
    delivery_bots::node_of node_of = [](const std::string&) {
      return size_t{0};
    };
    delivery_bots::hire_function hire = {};
    std::optional<test::delivery_model::threads> threads = {};
    /// Returns the registry of a node, through which others change a client's
    /// membership. If empty, nobody does. Requires `questions`.
    std::function<caf::actor(size_t node)> registry_of = {};
    /// Sends a message as the server. If empty, servers send nothing.
    std::function<void(size_t node, const recipient&, const frame&)> announce
      = {};
    std::optional<test::delivery_model::questions> questions = {};
    std::optional<tie_changes> ties = {};
  };

  /// Prefix of messages that do not belong to the model: see `world::quiesce`.
  static constexpr std::string_view fence = delivery_record::fence;

  delivery_model(unsigned seed, limits n, world w)
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
    return decisions_;
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

  std::vector<size_t> alive() const {
    std::vector<size_t> res;
    for (size_t i = 0; i < players_.size(); ++i)
      if (players_[i].alive && players_[i].is_client())
        res.push_back(i);
    return res;
  }

  /// Returns the clients that may act. A client that has connected in this
  /// epoch may have no credit yet.
  std::vector<size_t> settled() const {
    auto res = alive();
    std::erase_if(res, [this](size_t i) { return players_[i].stirred; });
    return res;
  }

  void fill_up(size_t clients) {
    while (alive().size() < clients)
      connect();
    while (bots_.alive().size() < n_.bots)
      bots_.hire();
  }

  void connect() {
    auto id = new_id();
    auto& x = players_.emplace_back();
    x.id = id;
    x.node = world_.node_of(id);
    x.client = world_.connect(id);
    x.stirred = true;
  }

  /// Returns an unused id. One in four is the name of a room, if that is
  /// unused.
  std::string new_id() {
    auto name = delivery_record::room(random_.pick(n_.rooms));
    auto is_taken = [&](const player& x) {
      return x.id == name && (x.alive || x.stirred);
    };
    if (random_.pick(4) == 0
        && std::none_of(players_.begin(), players_.end(), is_taken))
      return name;
    return "p" + std::to_string(players_.size() + 1);
  }

  void add_server(size_t node) {
    auto& x = players_.emplace_back();
    x.id = "server" + std::to_string(node);
    x.node = node;
    x.is_server = true;
    servers_.push_back(players_.size() - 1);
  }

  void quiesce() {
    cast who;
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
    auto present = alive().size();
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
    for (auto i : alive()) {
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
    for (auto i : alive())
      if (auto& x = players_[i]; x.node == node && x.rooms.count(room) != 0)
        expected.insert(x.id);
    for (auto i : alive())
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
      bots_.step(settled());
    else
      client_step();
  }

  void client_step() {
    auto candidates = settled();
    if (candidates.empty())
      return;
    auto who = random_.one_of(candidates);
    auto& x = players_[who];
    auto room = delivery_record::room(random_.pick(n_.rooms));
    auto other = players_[random_.one_of(candidates)].id;
    switch (random_.pick(world_.registry_of ? 28 : 26)) {
      case 0:
      case 1:
      case 2:
        x.client.say("m:join;0;" + room);
        if (room != x.id) // It is in that one anyway (C42).
          x.rooms.insert(room);
        move(x, room);
        break;
      case 3:
      case 4:
        x.client.say("m:leave;0;" + room);
        x.rooms.erase(room);
        move(x, room);
        break;
      case 5:
        if (random_.pick(4) == 0)
          end(x);
        break;
      case 6:
        if (random_.pick(4) == 0)
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
        post(who, delivery_record::is_room(other) ? 'n' : 'i', other);
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
      case 17:
      case 18:
        post(who, 'n', room);
        break;
      case 19:
        post(who, 'c', other);
        break;
      case 20:
        post(who, 'm', room);
        break;
      case 26:
      case 27:
        decide(x, room);
        break;
      default:
        post(who, 'r', room);
    }
  }

  /// Lets a server send a message.
  void server_step() {
    static constexpr std::string_view kinds = "rrrmncia";
    auto candidates = settled();
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

  /// Lets another actor make a client join or leave.
  void decide(player& x, const std::string& room) {
    auto node = random_.pick(n_.nodes);
    auto registry = world_.registry_of(node);
    bool leaves = x.rooms.count(room) != 0;
    if (x.touched.count(room) != 0) { // The order is open.
      x.contested.insert(room);
      leaves = random_.pick(2) == 0;
    }
    caf::message what;
    if (leaves)
      what = caf::make_message(msg::leave{room, nullptr});
    else
      what = caf::make_message(msg::join{room, nullptr, 0});
    auto is_by_id = random_.pick(3) == 0;
    if (is_by_id) {
      caf::anon_send(registry, msg::forward{x.id, what});
      if (node != x.node && n_.nodes_part) // It may be lost.
        x.contested.insert(room);
    } else if (leaves) {
      caf::anon_send(registry, msg::leave{room, x.client.actor});
    } else {
      caf::anon_send(registry, msg::join{room, x.client.actor, 0});
    }
    if (leaves)
      x.rooms.erase(room);
    else if (room != x.id)
      x.rooms.insert(room);
    move(x, room);
    x.decided.insert(room);
    ++decisions_;
    // Messages that the connection has not read yet may have to wait now.
    for (auto& p : record_.posts)
      if (&players_[p.sender] == &x)
        p.goes_at_once = false;
  }

  static void move(player& x, const std::string& room) {
    if (x.decided.count(room) != 0)
      x.contested.insert(room);
    x.touched.insert(room);
    x.left_first_path = true;
  }

  void end(player& x) {
    switch (random_.pick(3)) {
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

  void post(size_t who, char kind, const std::string& target) {
    auto& x = players_[who];
    posted p{who, record_.posts.size(), kind, target, ""};
    p.sender_is_member = p.is_for_many() && x.rooms.count(target) != 0;
    auto goes_straight = (kind == 'r' || kind == 'm') && p.sender_is_member;
    p.by_registry = kind != 's' && !goes_straight && !is_for(p, x);
    p.goes_at_once = stays_on_first_path(x, p);
    record_.posts.push_back(p);
    auto text = std::to_string(p.number);
    switch (kind) {
      case 'r':
        say(x, "room", p);
        break;
      case 'm':
        say(x, "members", p);
        break;
      case 'i':
      case 'n':
        say(x, "to", p);
        break;
      case 'c':
        say(x, "connection", p);
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

  static void say(player& x, const std::string& command, const posted& p) {
    x.client.say("m:" + command + ";4;[\"" + p.target + "\",\""
                 + std::to_string(p.number) + "\"]");
  }

  /// Returns whether the message names its own sender.
  static bool is_for(const posted& p, const player& sender) {
    return p.is_for_id() && p.target == sender.id;
  }

  /// Returns whether a client has used only one path so far. What a connection
  /// sends on another path waits for confirmations, also from a thread that is
  /// held up.
  static bool stays_on_first_path(player& x, const posted& p) {
    bool is_to_self = p.kind == 's' || is_for(p, x);
    auto path = std::string{p.kind == 'n'     ? "name "
                            : p.is_for_many() ? "room "
                                              : "id "}
                + p.target;
    if (is_to_self) // Does not count if nothing was sent before.
      x.left_first_path |= x.first_path.has_value();
    else if (!x.first_path)
      x.first_path = path;
    else
      x.left_first_path |= x.first_path != path;
    return !x.left_first_path;
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
    auto candidates = settled();
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
  limits n_;
  world world_;
  delivery_record record_;
  std::vector<player>& players_ = record_.players;
  delivery_bots bots_{record_,     random_,       n_.rooms, n_.may_remove_bots,
                      world_.hire, world_.node_of};
  std::vector<size_t> servers_; ///< Indices in `players_`.
  std::optional<hold> hold_;
  size_t deliveries_ = 0;
  size_t decisions_ = 0;
  size_t tie_changes_made_ = 0;
  size_t heard_by_namesakes_ = 0;
  size_t heard_in_holds_ = 0;
  size_t removals_ = 0;
};

} // namespace troupe::test
