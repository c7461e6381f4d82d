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
/// connections and rooms, and checks every delivery against a plain model.
/// Among it, handlers throw or await an answer, connections are killed, bots do
/// what third parties may, and threads are held up: that is nobody else's
/// business. Servers speak in their own name, others decide about somebody's
/// membership, connections have ids that are names of rooms, nodes part and
/// meet.
///
/// A schedule has epochs. Within one, everything races; between two, all is
/// quiet, so the model knows who is where, and holds what connections, rooms
/// and registries say of it against that. A message must reach those who were
/// in its room throughout the epoch, and may reach those who came or went; its
/// own sender it reaches exactly if the sender's program says so. What is said
/// while two nodes part or meet may be lost between them; while they are parted
/// it must be. Nothing comes twice, each sender's messages come in its order,
/// that of a bot on each path only, and all members of a room agree on one
/// order.
class delivery_model {
public:
  struct limits {
    size_t clients = 8;
    size_t rooms = 4;
    size_t epochs = 4;
    size_t steps = 40;
    size_t bots = 0;
    bool may_remove_bots = false; ///< Since they read too slowly.
    size_t nodes = 1;
    bool nodes_part = false; ///< Now and then.
  };

  /// What has to come to an end before all is quiet.
  struct cast {
    std::vector<fake_client*> clients;
    std::vector<caf::actor> bots;       ///< But those that rest.
    std::vector<caf::actor> ended_bots; ///< Told to end in this epoch.
  };

  /// Threads that can be held up.
  struct threads {
    std::function<size_t(const std::string& id)> of_client;
    std::function<size_t(const std::string& name)> of_room;
    size_t of_registry = 0;
    /// Holds up the thread of this client, of which it makes use if need be.
    std::function<void(const std::string& id, fake_client&)> hold;
    std::function<void()> go_on;
    /// Whether it hears this although a thread is held.
    std::function<bool(fake_client&, const std::string& text)> hears;
  };

  /// What makes two nodes part and meet. The first has the lower number.
  struct tie_changes {
    /// Ends the bridge of `i` only, in good order or not.
    std::function<void(size_t i, size_t j, bool breaks_down)> lose;
    /// Ends what bridges there are.
    std::function<void(size_t i, size_t j)> part;
    /// Makes new ones, and ends older ones if there are.
    std::function<void(size_t i, size_t j)> meet;
  };

  /// What actors answer when all is quiet.
  struct questions {
    /// Members by room, as the registry of a node and the rooms know them.
    std::function<std::map<std::string, std::vector<caf::actor>>(size_t node)>
      rooms_at;
    /// Ids, as the registry of a node knows them.
    std::function<std::vector<std::string>(size_t node,
                                           const std::string& room)>
      connections_in;
    /// As the connection knows it.
    std::function<bool(fake_client&, const std::string& room)> is_joined;
  };

  /// How the world is run: differs between virtual time and real threads.
  struct world {
    std::function<fake_client(std::string id)> connect;
    std::function<void()> between_steps;
    /// Returns when nothing is under way any more.
    std::function<void(const cast&)> quiesce;
    /// Where somebody is: the members of a room agree on one order per node.
    delivery_bots::node_of node_of = [](const std::string&) {
      return size_t{0};
    };
    delivery_bots::hire_function hire = {};
    std::optional<test::delivery_model::threads> threads = {};
    /// The registry of a node, to decide about a client's membership there;
    /// empty: nobody does. Needs `questions`.
    std::function<caf::actor(size_t node)> registry_of = {};
    /// Says it in the name of the server; empty: it says nothing.
    std::function<void(size_t node, const recipient&, const frame&)> announce
      = {};
    std::optional<test::delivery_model::questions> questions = {};
    std::optional<tie_changes> ties = {};
  };

  /// How messages begin that are not the model's: see `world::quiesce`.
  static constexpr std::string_view fence = delivery_record::fence;

  delivery_model(unsigned seed, limits n, world w)
    : random_(seed),
      n_(n),
      world_(std::move(w)) {
  }

  /// @returns what went wrong; empty if nothing did.
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

  /// How many deliveries were checked.
  size_t deliveries() const noexcept {
    return deliveries_;
  }

  /// How many of them came from and to others while a thread was held.
  size_t heard_in_holds() const noexcept {
    return heard_in_holds_;
  }

  /// What others decided for clients and what happened to bridges.
  size_t decisions() const noexcept {
    return decisions_;
  }

  size_t tie_changes_made() const noexcept {
    return tie_changes_made_;
  }

  /// How many deliveries came to a connection with a room's name.
  size_t heard_by_namesakes() const noexcept {
    return heard_by_namesakes_;
  }

  /// How often a bot was removed by a room.
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

  /// Those who may act: a client that has just come has no credit to speak.
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

  /// One in four is the name of a room, if nobody has it.
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

  /// The connection, the rooms and the registries agree.
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

  /// A room is where it has members, and on nodes that see one where it has.
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

  /// The connection with the room's name, if there is one (C42) on any node.
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

  /// A server says something to anybody.
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

  /// Somebody else makes it join or leave.
  void decide(player& x, const std::string& room) {
    auto node = random_.pick(n_.nodes);
    auto registry = world_.registry_of(node);
    bool leaves = x.rooms.count(room) != 0;
    if (x.touched.count(room) != 0) { // Who comes last?
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
      if (node != x.node && n_.nodes_part) // It may not get there.
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
    for (auto& p : record_.posts) // Those that it has not read may come later.
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

  /// Whether it names its own sender.
  static bool is_for(const posted& p, const player& sender) {
    return p.is_for_id() && p.target == sender.id;
  }

  /// What a connection sends on another path than before waits until that is
  /// confirmed, also by a thread that is held; all else waits for nobody.
  static bool stays_on_first_path(player& x, const posted& p) {
    bool is_to_self = p.kind == 's' || is_for(p, x);
    auto path = std::string{p.kind == 'n'     ? "name "
                            : p.is_for_many() ? "room "
                                              : "id "}
                + p.target;
    if (is_to_self) // Nothing is under way yet: this leaves no trace.
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
      ties.meet(i, j); // Anew, if they had not parted.
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

  /// Of those that have parted some meet, and the others have noticed it.
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

  /// Whoever is on another thread goes on hearing what does not concern the one
  /// that is held.
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
  std::vector<size_t> servers_; ///< Of the players.
  std::optional<hold> hold_;
  size_t deliveries_ = 0;
  size_t decisions_ = 0;
  size_t tie_changes_made_ = 0;
  size_t heard_by_namesakes_ = 0;
  size_t heard_in_holds_ = 0;
  size_t removals_ = 0;
};

} // namespace troupe::test
