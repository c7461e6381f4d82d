#include "directory.hpp"

#include "attendance.hpp"
#include "clock.hpp"
#include "colleagues.hpp"
#include "history.hpp"
#include "protocol.hpp"
#include "text.hpp"

#include <troupe/cluster.hpp>
#include <troupe/troupe.hpp>

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace chat {

namespace {

/// The directory to itself: tell everybody which rooms there are.
struct list_rooms {};

/// The directory to itself: close rooms that nobody needs.
struct sweep {};

/// The directory to itself: show its colleagues that it is there.
struct beat {};

/// The directory to itself: whoever waits for a room has waited enough.
struct open_now {
  std::string room;
};

} // namespace

} // namespace chat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::list_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::sweep)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::beat)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::open_now)

namespace chat {

namespace {

/// Changes within this time are told at once.
constexpr std::chrono::milliseconds list_delay{100};

/// A room without guests stays for one to two of these, so that whoever
/// reloads the page finds it again.
constexpr std::chrono::seconds sweep_period{30};

/// So often colleagues hear of us.
constexpr std::chrono::milliseconds beat_period{500};

/// For so long the first guest of a room waits for what was said there at other
/// nodes.
constexpr std::chrono::seconds history_patience{1};

class directory final : public caf::event_based_actor {
public:
  directory(caf::actor_config& cfg, caf::actor registry, std::string node)
    : caf::event_based_actor(cfg),
      registry_(std::move(registry)),
      out_(*this, registry_, {.event_prefix = event_prefix}),
      colleagues_(node, all_,
                  {[this](const troupe::frame& x) { say(x); },
                   [this](const attendee& before, const attendee& after) {
                     note_afar(before, after);
                   },
                   [this](const std::string& x) { on_met(x); },
                   [this](const std::string& x, const std::string& room) {
                     tell_history(x, room);
                   },
                   [this](const std::string& x, const std::string& room,
                          std::vector<message> said) {
                     learn_history(x, room, std::move(said));
                   }}),
      self_{std::move(node), {}, {}, 0, 0, {}} {
  }

  const char* name() const override {
    return "chat.directory";
  }

  caf::behavior make_behavior() override {
    link_to(registry_);
    for (auto* x : standing_rooms)
      open(x).standing = true;
    send(this, sweep{});
    return {
      // From connections.
      [this](const claim& x) { give_name(x); },
      [this](const enter& x) { admit(x); },
      [this](const pass_on& x) { deliver_private(x); },
      // From rooms.
      [this](const troupe::msg::deliver& x) {
        x.messages.for_each(id(), [&](const troupe::frame& message) {
          auto event = troupe::decode(message.payload(), event_prefix);
          if (event && x.room == colleagues_room)
            colleagues_.hear(*event);
          else if (event)
            overhear(*event);
        });
      },
      [](const troupe::msg::joined&) {},
      [](const troupe::msg::join_refused&) {},
      // From the registry.
      [this](const troupe::msg::connection_up& x) {
        connections_[x.id] = x.handle;
        list_soon();
      },
      [this](const troupe::msg::connection_down& x) { forget(x.id); },
      [](const troupe::msg::room_up&) {},
      [](const troupe::msg::room_down&) {},
      // From the cluster.
      [this](const troupe::node_up& x) { welcome(x.name); },
      [this](const troupe::node_down& x) { part(x.name); },
      [](const troupe::actor_up&) {},
      [](const troupe::actor_down&) {},
      // From itself.
      [this](list_rooms) { list(); },
      [this](sweep) { close_vacant_rooms(); },
      [this](beat) { show_colleagues(); },
      [this](const open_now& x) { open_for_all(x.room); },
    };
  }

  void on_exit() override {
    // Connections hold our handle, and we theirs: let go.
    connections_.clear();
    rooms_.clear();
    registry_ = nullptr;
  }

private:
  /// A room that we keep: as long as guests of ours are in it, and a while
  /// longer.
  struct room_record {
    history said;
    std::set<std::string> awaited;   ///< Nodes that know what was said.
    std::vector<caf::actor> waiting; ///< Guests, for that.
    bool standing = false;           ///< Stays without guests.
    bool vacant = false;             ///< The last sweep found nobody.
  };

  // -- names ------------------------------------------------------------------

  void give_name(const claim& x) {
    auto who = caf::actor_cast<caf::actor>(current_sender());
    attendee me{x.guest, x.nick, x.key, server_time(), 0, rooms_of(x.guest)};
    if (is_name_of_bot(x.nick))
      return refuse(who, x.nick, "This nickname is taken.");
    if (const auto* owner = all_.owner_of(x.nick)) {
      auto is_me = owner->who == x.guest;
      if (!is_me && (x.key.empty() || x.key != owner->key))
        return refuse(who, x.nick, "This nickname is taken.");
      me.since = owner->since;
      me.turn = owner->turn + (is_me ? 0 : 1);
      if (!is_me)
        take_over(*owner);
    }
    colleagues_.put(std::move(me));
    send(who, named{x.nick});
  }

  static bool is_name_of_bot(const std::string& nick) {
    return std::any_of(std::begin(bots), std::end(bots),
                       [&](auto* x) { return fold(x) == fold(nick); });
  }

  std::set<std::string> rooms_of(const std::string& guest) const {
    const auto* x = all_.find(guest);
    return x ? x->rooms : std::set<std::string>{};
  }

  /// The same page on a new connection: the old one may not even know yet that
  /// it is dead. At another node its own directory does the same.
  void take_over(const attendee& owner) {
    if (auto i = connections_.find(owner.who); i != connections_.end())
      send(i->second, troupe::msg::disconnect{
                        taken_over, "continued on another connection"});
  }

  /// Of two that were given one nickname at two nodes, that did not know of
  /// each other, ours must go by another.
  void settle(const attendee& other) {
    for (const auto& ours : all_.called(other.nick)) {
      auto i = connections_.find(ours.who);
      if (i == connections_.end() || !outranks(other, ours))
        continue;
      if (!ours.key.empty() && ours.key == other.key)
        take_over(ours);
      else
        rename(ours, i->second);
    }
  }

  void rename(attendee x, const caf::actor& connection) {
    auto old = std::exchange(x.nick, {});
    for (size_t n = 4; x.nick.empty() || all_.owner_of(x.nick); ++n)
      x.nick = distinct_nick(old, x.who.substr(0, n));
    x.since = server_time();
    x.turn = 0;
    refuse(connection, old,
           "Somebody else was called " + old + " before you, on another "
             "server. You are " + x.nick + " now.");
    send(connection, named{x.nick});
    colleagues_.put(std::move(x));
  }

  void forget(const std::string& gone) {
    connections_.erase(gone);
    // Who leaves says so in the room, unless the end was a violent one.
    if (const auto* x = all_.find(gone))
      for (const auto& room : x->rooms)
        tell_room(room, "left", presence{room, gone, x->nick});
    colleagues_.remove(gone);
    list_soon();
  }

  // -- rooms ------------------------------------------------------------------

  void admit(const enter& x) {
    auto who = caf::actor_cast<caf::actor>(current_sender());
    if (!all_.find(x.guest))
      return refuse(who, x.room, "Choose a nickname first.");
    if (!is_there(x.room) && all_.rooms().size() >= max_rooms)
      return refuse(who, x.room, "There are too many rooms.");
    // Ours is the first join, so we miss nothing of what is said there.
    auto& room = open(x.room);
    room.vacant = false;
    if (room.awaited.empty())
      send(who, admitted{x.room});
    else
      room.waiting.push_back(who);
  }

  bool is_there(const std::string& room) const {
    return rooms_.count(room) > 0 || !all_.keepers(room).empty()
           || !all_.in(room).empty();
  }

  room_record& open(const std::string& name) {
    auto [i, is_new] = rooms_.try_emplace(name);
    auto& room = i->second;
    if (is_new) {
      room.awaited = all_.keepers(name);
      if (!room.awaited.empty())
        delayed_send(this, history_patience, open_now{name});
      send(registry_, troupe::msg::join{name, nullptr});
      colleagues_.recall(name);
      self_.rooms.insert(name);
      colleagues_.put(self_);
      list_soon();
    }
    return room;
  }

  void open_for_all(const std::string& name) {
    auto i = rooms_.find(name);
    if (i == rooms_.end())
      return;
    i->second.awaited.clear();
    for (const auto& x : std::exchange(i->second.waiting, {}))
      send(x, admitted{name});
  }

  void close_vacant_rooms() {
    std::set<std::string> needed;
    for (const auto& [id, connection] : connections_)
      needed.merge(rooms_of(id));
    for (auto i = rooms_.begin(); i != rooms_.end();) {
      const auto& name = i->first;
      auto& room = i->second;
      auto is_vacant = needed.count(name) == 0 && !room.standing;
      auto was_vacant = std::exchange(room.vacant, is_vacant);
      auto old = i++;
      if (is_vacant && was_vacant)
        close(old);
    }
    delayed_send(this, sweep_period, sweep{});
  }

  void close(std::map<std::string, room_record>::iterator i) {
    auto name = i->first;
    rooms_.erase(i);
    self_.rooms.erase(name);
    colleagues_.put(self_);
    if (!is_there(name))
      tell_room(name, "closed", name);
    send(registry_, troupe::msg::leave{name, nullptr});
    list_soon();
  }

  void overhear(const troupe::event& x) {
    if (x.name == "message")
      remember(x.body.get<message>());
    else if (x.name == "entered")
      note_entered(x.body.get<presence>());
    else if (x.name == "left")
      note_left(x.body.get<presence>());
  }

  void remember(message x) {
    if (auto i = rooms_.find(x.room); i != rooms_.end())
      i->second.said.add(std::move(x));
  }

  void note_entered(const presence& x) {
    auto guest = connections_.find(x.who);
    const auto* known = all_.find(x.who);
    auto i = rooms_.find(x.room);
    if (guest == connections_.end() || !known || i == rooms_.end())
      return; // A guest of a colleague, who tells us.
    attendee now{*known};
    now.rooms.insert(x.room);
    colleagues_.put(std::move(now));
    // All in a room hear the same in the same order: what we heard before this
    // is the history, what comes after it the newcomer hears as we do.
    tell(guest->second, "room",
         room_state{x.room, all_.in(x.room), i->second.said.list()});
    list_soon();
  }

  void note_left(const presence& x) {
    const auto* known = all_.find(x.who);
    if (!known || connections_.count(x.who) == 0)
      return;
    attendee now{*known};
    now.rooms.erase(x.room);
    colleagues_.put(std::move(now));
    list_soon();
  }

  void list_soon() {
    if (!std::exchange(list_is_due_, true))
      delayed_send(this, list_delay, list_rooms{});
  }

  /// To our own guests: each directory tells its own.
  void list() {
    list_is_due_ = false;
    auto list = frame_of("rooms", all_.rooms());
    for (const auto& [id, connection] : connections_)
      send(connection, troupe::msg::emit{list});
  }

  // -- private messages -------------------------------------------------------

  void deliver_private(const pass_on& x) {
    auto who = caf::actor_cast<caf::actor>(current_sender());
    const auto* from = all_.find(x.guest);
    if (!from)
      return refuse(who, x.id, "Choose a nickname first.");
    const auto* to = all_.owner_of(x.to);
    if (!to)
      return refuse(who, x.id, "No user named " + x.to + " is online.");
    private_message text{x.id, from->nick, to->nick, x.text, server_time()};
    // At whatever node.
    out_.to_connection(to->who).emit("whisper", text);
    if (to->who != x.guest)
      tell(who, "whisper", text);
  }

  // -- other nodes ------------------------------------------------------------

  void welcome(const std::string& node) {
    colleagues_.node_up(node);
    if (!std::exchange(is_beating_, true)) {
      send(registry_, troupe::msg::join{colleagues_room, nullptr});
      send(this, beat{});
    }
  }

  void part(const std::string& node) {
    colleagues_.node_down(node);
    for (const auto& [name, room] : rooms_)
      stop_awaiting(node, name);
  }

  void show_colleagues() {
    if (colleagues_.alone()) {
      is_beating_ = false;
      send(registry_, troupe::msg::leave{colleagues_room, nullptr});
      return;
    }
    colleagues_.beat();
    delayed_send(this, beat_period, beat{});
  }

  void say(const troupe::frame& x) {
    out_.to_room(colleagues_room).except_me().send(x);
  }

  /// Guests of ours have heard most of this in their rooms, but not those who
  /// came in meanwhile, and nobody if a node is gone or back.
  void note_afar(const attendee& before, const attendee& after) {
    list_soon();
    if (after.nick.empty())
      return; // A directory.
    for (const auto& room : before.rooms)
      if (after.rooms.count(room) == 0)
        tell_own(room, "left", presence{room, before.who, before.nick});
    for (const auto& room : after.rooms)
      if (before.rooms.count(room) == 0)
        tell_own(room, "entered", presence{room, after.who, after.nick});
      else if (before.nick != after.nick)
        tell_own(room, "renamed", presence{room, after.who, after.nick});
    if (all_.find(after.who))
      settle(after);
  }

  /// We may have been apart, and something else was said there.
  void on_met(const std::string& node) {
    for (const auto& [name, room] : rooms_)
      if (all_.keepers(name).count(node) > 0)
        colleagues_.recall(name);
  }

  void tell_history(const std::string& node, const std::string& name) {
    if (auto i = rooms_.find(name); i != rooms_.end())
      colleagues_.tell(node, name, i->second.said.list());
  }

  void learn_history(const std::string& node, const std::string& name,
                     std::vector<message> told) {
    auto i = rooms_.find(name);
    if (i == rooms_.end())
      return;
    i->second.said.merge(std::move(told));
    stop_awaiting(node, name);
  }

  void stop_awaiting(const std::string& node, const std::string& name) {
    auto& awaited = rooms_[name].awaited;
    if (awaited.erase(node) > 0 && awaited.empty())
      open_for_all(name);
  }

  // -- telling ----------------------------------------------------------------

  template <class T>
  static troupe::frame frame_of(std::string_view event, const T& data) {
    auto x = troupe::encode(event, troupe::to_wire(data), event_prefix);
    return x ? std::move(*x) : troupe::frame{};
  }

  template <class T>
  void tell(const caf::actor& who, std::string_view event, const T& data) {
    send(who, troupe::msg::emit{frame_of(event, data)});
  }

  /// To everybody in a room but ourselves.
  template <class T>
  void tell_room(const std::string& name, troupe::event_literal event,
                 const T& data) {
    out_.to_room(name).except_me().emit(event, data);
  }

  /// To the guests of our own node in a room.
  template <class T>
  void
  tell_own(const std::string& name, std::string_view event, const T& data) {
    auto x = frame_of(event, data);
    for (const auto& guest : all_.in(name))
      if (auto i = connections_.find(guest.who); i != connections_.end())
        send(i->second, troupe::msg::emit{x});
  }

  void refuse(const caf::actor& who, const std::string& about,
              std::string reason) {
    tell(who, "refused", refusal{about, std::move(reason)});
  }

  caf::actor registry_;
  troupe::publisher out_;
  attendance all_;
  colleagues colleagues_;
  attendee self_;
  std::map<std::string, caf::actor> connections_; ///< Of our node, by id.
  std::map<std::string, room_record> rooms_;
  bool list_is_due_ = false;
  bool is_beating_ = false;
};

} // namespace

caf::actor spawn_directory(caf::actor_system& sys, const caf::actor& registry,
                           std::string node) {
  auto res = sys.spawn<directory>(registry, std::move(node));
  // Here and not in the actor: before the first guest can come.
  caf::anon_send(registry, troupe::msg::subscribe{res});
  return res;
}

} // namespace chat
