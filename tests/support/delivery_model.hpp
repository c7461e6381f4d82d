#pragma once

#include "support/delivery_bots.hpp"
#include "support/delivery_checks.hpp"
#include "support/delivery_record.hpp"

#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// Plays a random schedule of joins, leaves, messages and ends over many
/// connections and rooms, and checks every delivery against a plain model.
/// Among it, handlers throw or await an answer, connections are killed, bots do
/// what third parties may, and threads are held up: that is nobody else's
/// business.
///
/// A schedule has epochs. Within one, everything races; between two, all is
/// quiet, so the model knows who is where. A message must reach those who were
/// in its room throughout the epoch, and may reach those who came or went; its
/// own sender it reaches exactly if the sender's program says so. Nothing comes
/// twice, each sender's messages come in its order, that of a bot on each path
/// only, and all members of a room agree on one order.
class delivery_model {
public:
  struct limits {
    size_t clients = 8;
    size_t rooms = 4;
    size_t epochs = 4;
    size_t steps = 40;
    size_t bots = 0;
    bool may_remove_bots = false; ///< Since they read too slowly.
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

  /// How the world is run: differs between virtual time and real threads.
  struct world {
    std::function<fake_client(std::string id)> connect;
    std::function<void()> between_steps;
    /// Returns when nothing is under way any more.
    std::function<void(const cast&)> quiesce;
    /// Where a client is: the members of a room agree on one order per node.
    delivery_checks::node_of node_of = [](const std::string&) {
      return size_t{0};
    };
    delivery_bots::hire_function hire = {};
    std::optional<test::delivery_model::threads> threads = {};
    /// The registry of any node, to decide about a client's membership there;
    /// empty: nobody does.
    std::function<caf::actor()> some_registry = {};
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
      if (players_[i].alive && !players_[i].is_bot())
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
    auto& x = players_.emplace_back();
    x.id = "p" + std::to_string(players_.size());
    x.client = world_.connect(x.id);
    x.stirred = true;
  }

  void quiesce() {
    cast who;
    for (auto& x : players_)
      if (!x.is_bot() && x.alive)
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
    check();
    fill_up(present);
    quiesce();
  }

  void check() {
    delivery_checks checks{record_, world_.node_of};
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
    if (n_.bots > 0 && random_.pick(3) == 0)
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
    auto room = "room" + std::to_string(random_.pick(n_.rooms));
    auto other = players_[random_.one_of(candidates)].id;
    if (x.decided.count(room) != 0)
      return; // What comes of it is open until all is quiet.
    switch (random_.pick(world_.some_registry ? 24 : 22)) {
      case 0:
      case 1:
      case 2:
        x.client.say("m:join;0;" + room);
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
      case 22:
      case 23:
        decide(x, room);
        break;
      default:
        post(who, 'r', room);
    }
  }

  /// Somebody else makes it join or leave.
  void decide(player& x, const std::string& room) {
    if (x.touched.count(room) != 0)
      return;
    auto registry = world_.some_registry();
    if (x.rooms.erase(room) > 0) {
      caf::anon_send(registry, troupe::leave{room, x.client.actor});
    } else {
      caf::anon_send(registry, troupe::join{room, x.client.actor});
      x.rooms.insert(room);
    }
    move(x, room);
    x.decided.insert(room);
    for (auto& p : record_.posts) // Those that it has not read may come later.
      if (&players_[p.sender] == &x)
        p.goes_at_once = false;
  }

  static void move(player& x, const std::string& room) {
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
    p.sender_is_member = kind == 'r' && x.rooms.count(target) != 0;
    p.by_registry = kind != 's' && !p.sender_is_member && target != x.id;
    p.goes_at_once = stays_on_first_path(x, p);
    record_.posts.push_back(p);
    auto text = std::to_string(p.number);
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

  /// What a connection sends on another path than before waits until that is
  /// confirmed, also by a thread that is held; all else waits for nobody.
  static bool stays_on_first_path(player& x, const posted& p) {
    bool is_to_self = p.kind == 's' || p.target == x.id;
    auto path = std::string{p.is_for_many() ? "room " : "id "} + p.target;
    if (is_to_self) // Nothing is under way yet: this leaves no trace.
      x.left_first_path |= x.first_path.has_value();
    else if (!x.first_path)
      x.first_path = path;
    else
      x.left_first_path |= x.first_path != path;
    return !x.left_first_path;
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
        if (passes_by_hold(x, who)
            && record_.reach_of(x, who) == delivery_record::reach::yes) {
          if (!world_.threads->hears(who.client, std::to_string(x.number)))
            record_.fail(who, record_.describe(x) + " waits for thread "
                                + std::to_string(hold_->thread));
          heard_in_holds_ += x.number >= hold_->first_post ? 1 : 0;
        }
  }

  bool passes_by_hold(const posted& x, const player& who) const {
    const auto& at = *world_.threads;
    auto held = hold_->thread;
    if (!x.goes_at_once || who.is_bot() || at.of_client(who.id) == held
        || at.of_client(players_[x.sender].id) == held)
      return false;
    bool asks_registry = x.by_registry && at.of_registry == held;
    bool asks_room = x.kind == 'r' && at.of_room(x.target) == held;
    return !asks_registry && !asks_room;
  }

  chance random_;
  limits n_;
  world world_;
  delivery_record record_;
  std::vector<player>& players_ = record_.players;
  delivery_bots bots_{record_,     random_,       n_.rooms, n_.may_remove_bots,
                      world_.hire, world_.node_of};
  std::optional<hold> hold_;
  size_t deliveries_ = 0;
  size_t heard_in_holds_ = 0;
  size_t removals_ = 0;
};

} // namespace troupe::test
