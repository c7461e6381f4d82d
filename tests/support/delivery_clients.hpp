#pragma once

#include "support/delivery_bots.hpp"
#include "support/delivery_record.hpp"
#include "support/delivery_world.hpp"

#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// Lets the clients of a random schedule connect, join and leave rooms, send,
/// and end in any way. Their handlers throw or await an answer, and others make
/// them join or leave.
class delivery_clients {
public:
  delivery_clients(delivery_record& what, chance& random,
                   const delivery::limits& n, const delivery::world& w)
    : record_(what),
      random_(random),
      n_(n),
      world_(w) {
  }

  std::vector<size_t> alive() const {
    std::vector<size_t> res;
    for (size_t i = 0; i < players_.size(); ++i)
      if (players_[i].alive && players_[i].is_client())
        res.push_back(i);
    return res;
  }

  /// Returns the clients that may act. A client that has just connected has no
  /// credit yet.
  std::vector<size_t> settled() const {
    auto res = alive();
    std::erase_if(res, [this](size_t i) { return players_[i].stirred; });
    return res;
  }

  void connect() {
    auto id = new_id();
    auto& x = players_.emplace_back();
    x.id = id;
    x.node = world_.node_of(id);
    x.client = world_.connect(id);
    x.stirred = true;
  }

  void step() {
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
        if (room != x.id) // It is always a member of that room (C42).
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

  /// Returns how often others have changed a client's membership.
  size_t decisions() const noexcept {
    return decisions_;
  }

private:
  /// Returns an id. One in four is the name of a room, if no client has it.
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

  /// Makes a client join or leave a room on behalf of another actor.
  void decide(player& x, const std::string& room) {
    auto node = random_.pick(n_.nodes);
    auto registry = world_.registry_of(node);
    bool leaves = x.rooms.count(room) != 0;
    if (x.touched.count(room) != 0) { // The order of the two is open.
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
      if (node != x.node && n_.nodes_part) // The request may be lost.
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
    for (auto& p : record_.posts) // Unread ones may arrive later.
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

  /// Returns whether a message is addressed to its sender by name.
  static bool is_for(const posted& p, const player& sender) {
    return p.is_for_id() && p.target == sender.id;
  }

  /// Returns whether a message is sent at once. A message on another path than
  /// the previous ones waits until they are confirmed, also by a thread that is
  /// held up. All other messages wait for nothing.
  static bool stays_on_first_path(player& x, const posted& p) {
    bool is_to_self = p.kind == 's' || is_for(p, x);
    auto path = std::string{p.kind == 'n'     ? "name "
                            : p.is_for_many() ? "room "
                                              : "id "}
                + p.target;
    if (is_to_self) // Leaves no trace if nothing is in flight.
      x.left_first_path |= x.first_path.has_value();
    else if (!x.first_path)
      x.first_path = path;
    else
      x.left_first_path |= x.first_path != path;
    return !x.left_first_path;
  }

  delivery_record& record_;
  std::vector<player>& players_ = record_.players;
  chance& random_;
  const delivery::limits& n_;
  const delivery::world& world_;
  size_t decisions_ = 0;
};

} // namespace troupe::test
