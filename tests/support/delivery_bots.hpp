#pragma once

#include "support/delivery_record.hpp"

#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/send.hpp>

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// Makes the random decisions of a schedule.
class chance {
public:
  explicit chance(unsigned seed) : engine_(seed) {
  }

  /// Returns a number from 0 to `n` - 1.
  size_t pick(size_t n) {
    return std::uniform_int_distribution<size_t>{0, n - 1}(engine_);
  }

  template <class T>
  const T& one_of(const std::vector<T>& xs) {
    return xs[pick(xs.size())];
  }

private:
  std::mt19937 engine_;
};

/// Plays the bots of a random schedule. They join and leave rooms, publish
/// messages, end in any way, throw when they receive something, link to the
/// registry or a room, and rest.
class delivery_bots {
public:
  /// Spawns a bot with this id.
  using hire_function = std::function<caf::actor(
    const std::string& id, std::shared_ptr<diary>, bool is_careful)>;

  /// Returns the node of the player with this id.
  using node_of = std::function<size_t(const std::string& id)>;

  /// @param may_be_removed whether rooms may remove bots, and then end.
  delivery_bots(delivery_record& what, chance& random, size_t rooms,
                bool may_be_removed, const hire_function& hire,
                const node_of& where)
    : record_(what),
      random_(random),
      rooms_(rooms),
      may_be_removed_(may_be_removed),
      hire_(hire),
      node_of_(where) {
  }

  void hire() {
    auto id = "b" + std::to_string(record_.players.size() + 1);
    auto& x = record_.players.emplace_back();
    x.id = id;
    x.node = node_of_(id);
    x.notes = std::make_shared<diary>();
    x.is_careful = random_.pick(3) == 0;
    x.stirred = true;
    x.actor = hire_(id, x.notes, x.is_careful);
  }

  std::vector<size_t> alive() const {
    std::vector<size_t> res;
    for (size_t i = 0; i < record_.players.size(); ++i)
      if (record_.players[i].is_bot() && record_.players[i].alive)
        res.push_back(i);
    return res;
  }

  /// Makes one bot do something.
  /// @param clients the indices of clients to which a bot may send messages.
  void step(const std::vector<size_t>& clients) {
    auto candidates = alive();
    if (candidates.empty() || clients.empty())
      return;
    auto who = random_.one_of(candidates);
    auto& x = record_.players[who];
    auto room = "room" + std::to_string(random_.pick(rooms_));
    switch (random_.pick(16)) {
      case 0:
      case 1:
      case 2:
        enter(x, room);
        break;
      case 3:
        depart(x, room);
        break;
      case 4:
        end(x, room);
        break;
      case 5:
        rest(x);
        break;
      case 6:
        wake(x);
        break;
      case 7:
        bridge(x, room);
        break;
      default:
        post(who, room, clients);
    }
  }

  bool some_rest() const {
    return std::any_of(record_.players.begin(), record_.players.end(),
                       [](const player& x) { return x.resting; });
  }

  void wake_all() {
    for (auto& x : record_.players)
      wake(x);
  }

  /// Ends the bots that were to throw, since they may have received nothing.
  void end_fragile() {
    for (auto& x : record_.players)
      if (std::exchange(x.fragile, false))
        tell(x, [](bot& me) { me.quit(); });
  }

  void dismiss_all() {
    for (auto i : alive())
      caf::anon_send_exit(record_.players[i].actor,
                          caf::exit_reason::user_shutdown);
  }

private:
  static void tell(const player& x, std::function<void(bot&)> f) {
    caf::anon_send(x.actor, errand{std::move(f)});
  }

  static void enter(player& x, const std::string& room) {
    tell(x, [room](bot& me) { me.enter(room); });
    x.rooms.insert(room);
    x.touched.insert(room);
  }

  static void depart(player& x, const std::string& room) {
    tell(x, [room](bot& me) { me.depart(room); });
    x.rooms.erase(room);
    x.touched.insert(room);
  }

  static void rest(player& x) {
    if (!std::exchange(x.resting, true))
      tell(x, [](bot& me) { me.rest(); });
  }

  static void wake(player& x) {
    if (std::exchange(x.resting, false))
      caf::anon_send(x.actor, wake_up{});
  }

  /// Links a bot to the registry or a room, which must survive its end.
  void bridge(player& x, const std::string& room) {
    if (random_.pick(2) == 0)
      tell(x, [](bot& me) { me.link_to(me.registry()); });
    else
      tell(x, [room](bot& me) {
        if (auto at = me.room(room))
          me.link_to(at);
      });
  }

  void end(player& x, const std::string& room) {
    switch (random_.pick(4)) {
      case 0: // A careful bot may not have sent everything.
        x.killed = x.is_careful;
        wake(x);
        tell(x, [](bot& me) { me.quit(); });
        break;
      case 1:
        x.killed = x.fragile = true;
        wake(x);
        tell(x, [](bot& me) { me.become_fragile(); });
        break;
      case 2: // Linked actors receive `kill`.
        x.killed = true;
        wake(x);
        bridge(x, room);
        tell(x, [](bot& me) { me.quit(caf::exit_reason::kill); });
        break;
      default: // Overtakes all messages to the bot.
        x.killed = true;
        x.resting = false;
        caf::anon_send_exit(x.actor, caf::exit_reason::kill);
    }
    x.alive = false;
    x.stirred = true;
    x.rooms.clear();
  }

  void post(size_t who, const std::string& room,
            const std::vector<size_t>& clients) {
    static constexpr std::string_view kinds = "rrrnmcaoii";
    const auto& x = record_.players[who];
    posted p{who, record_.posts.size(), kinds[random_.pick(kinds.size())], "",
             ""};
    if (p.kind == 'i')
      post_to_client(p, record_.players[random_.one_of(clients)]);
    else
      post_by_name(p, room);
    if (x.is_careful) // Keeps its order over all paths.
      p.path.clear();
    record_.posts.push_back(p);
  }

  /// Returns whether a bot may send to a room directly. It has to know the
  /// room, and to be a member, so that the room exists. A room that has ended
  /// confirms nothing, for which a careful bot would wait.
  bool may_go_straight(const player& x, const std::string& room) const {
    return x.rooms_at_start.count(room) != 0 && x.touched.count(room) == 0
           && !(x.is_careful && may_be_removed_);
  }

  void post_by_name(posted& p, const std::string& room) {
    const auto& x = record_.players[p.sender];
    p.target = p.kind == 'a' || p.kind == 'o' ? "" : room;
    p.straight = (p.kind == 'r' || p.kind == 'm') && may_go_straight(x, room)
                 && random_.pick(2) == 0;
    p.path = p.straight ? "straight to " + p.target : "by the registry";
    msg::publish what{p.to(), frame::text(std::to_string(p.number))};
    tell(x, [what, straight = p.straight](bot& me) { me.say(what, straight); });
  }

  /// Sends a message by name, by `forward`, or directly to the connection. The
  /// latter two are not confirmed.
  void post_to_client(posted& p, const player& to) {
    const auto& x = record_.players[p.sender];
    auto text = frame::text(std::to_string(p.number));
    p.target = to.id;
    auto how = x.is_careful ? 0 : random_.pick(3);
    // A `forward` to another node takes the path of questions.
    if (how == 1 && to.node != x.node)
      how = 0;
    p.path = how < 2 ? "by the registry" : "straight to " + to.id;
    p.needs_no_bridge = how == 2;
    if (how == 0 && record_.is_room(to.id)) // `n` may be for the room.
      p.kind = 'c';
    if (how == 0)
      tell(x, [what = msg::publish{p.to(), text}](bot& me) {
        me.say(what, false);
      });
    else if (how == 1)
      tell(x, [id = to.id, text](bot& me) {
        me.send(me.registry(),
                msg::forward{id, caf::make_message(msg::emit{text})});
      });
    else
      tell(x, [to = to.client.actor, text](bot& me) {
        me.send(to, msg::emit{text});
      });
  }

  delivery_record& record_;
  chance& random_;
  size_t rooms_;
  bool may_be_removed_;
  const hire_function& hire_;
  const node_of& node_of_;
};

} // namespace troupe::test
