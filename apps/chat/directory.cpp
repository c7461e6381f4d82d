#include "directory.hpp"

#include "clock.hpp"
#include "protocol.hpp"
#include "text.hpp"

#include <troupe/troupe.hpp>

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

namespace chat {

namespace {

/// The directory to itself: tell everybody which rooms there are.
struct list_rooms {};

/// The directory to itself: close rooms that nobody needs.
struct sweep {};

} // namespace

} // namespace chat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::list_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::sweep)

namespace chat {

namespace {

/// Changes within this time are told at once.
constexpr std::chrono::milliseconds list_delay{100};

/// A room without guests stays for one to two of these, so that whoever
/// reloads the page finds it again.
constexpr std::chrono::seconds sweep_period{30};

class directory final : public caf::event_based_actor {
public:
  directory(caf::actor_config& cfg, caf::actor registry)
    : caf::event_based_actor(cfg),
      registry_(std::move(registry)) {
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
      [this](const troupe::deliver& x) {
        x.messages.for_each(id(), [this](const troupe::frame& message) {
          if (auto event = troupe::decode(message.payload(), event_prefix))
            overhear(*event);
        });
      },
      [](const troupe::joined&) {},
      [](const troupe::join_refused&) {},
      // From the registry.
      [this](const troupe::connection_up&) { list_soon(); },
      [this](const troupe::connection_down& x) { forget(x.id); },
      [](const troupe::room_up&) {},
      [](const troupe::room_down&) {},
      // From itself.
      [this](list_rooms) { list(); },
      [this](sweep) { close_vacant_rooms(); },
    };
  }

private:
  struct guest_record {
    caf::actor connection;
    std::string nick;
    std::string key;
  };

  struct room_record {
    std::map<std::string, std::string> here; ///< Nicknames by guest.
    std::deque<message> said;
    bool standing = false; ///< Stays without guests.
    bool vacant = false;   ///< The last sweep found nobody.
  };

  // -- names ------------------------------------------------------------------

  void give_name(const claim& x) {
    auto who = caf::actor_cast<caf::actor>(current_sender());
    auto name = fold(x.nick);
    if (auto i = owners_.find(name);
        i != owners_.end() && i->second != x.guest) {
      auto& owner = guests_[i->second];
      if (x.key.empty() || x.key != owner.key)
        return refuse(who, x.nick, "This nickname is taken.");
      // The same page on a new connection: the old one may not even know yet
      // that it is dead.
      send(owner.connection,
           troupe::disconnect{taken_over, "continued on another connection"});
    }
    give_up_name(x.guest);
    guests_[x.guest] = {who, x.nick, x.key};
    owners_[name] = x.guest;
    send(who, named{x.nick});
  }

  void give_up_name(const std::string& id) {
    auto i = guests_.find(id);
    if (i == guests_.end())
      return;
    auto owner = owners_.find(fold(i->second.nick));
    if (owner != owners_.end() && owner->second == id)
      owners_.erase(owner);
  }

  void forget(const std::string& gone) {
    give_up_name(gone);
    guests_.erase(gone);
    // Who leaves says so in the room, unless the end was a violent one.
    for (auto& [name, room] : rooms_)
      if (auto x = room.here.find(gone); x != room.here.end()) {
        tell_room(name, "left", presence{name, gone, x->second});
        room.here.erase(x);
      }
    list_soon();
  }

  // -- rooms ------------------------------------------------------------------

  void admit(const enter& x) {
    auto who = caf::actor_cast<caf::actor>(current_sender());
    if (guests_.count(x.guest) == 0)
      return refuse(who, x.room, "Choose a nickname first.");
    if (rooms_.count(x.room) == 0 && rooms_.size() >= max_rooms)
      return refuse(who, x.room, "There are too many rooms already.");
    // Ours is the first join, so we miss nothing of what is said there.
    open(x.room).vacant = false;
    send(who, admitted{x.room});
  }

  room_record& open(const std::string& name) {
    auto [i, is_new] = rooms_.try_emplace(name);
    if (is_new) {
      send(registry_, troupe::join{name, nullptr});
      list_soon();
    }
    return i->second;
  }

  void close_vacant_rooms() {
    for (auto i = rooms_.begin(); i != rooms_.end();) {
      auto& [name, room] = *i;
      bool was_vacant = std::exchange(room.vacant,
                                      room.here.empty() && !room.standing);
      if (room.vacant && was_vacant) {
        send(registry_, troupe::leave{name, nullptr});
        i = rooms_.erase(i);
        list_soon();
      } else {
        ++i;
      }
    }
    delayed_send(this, sweep_period, sweep{});
  }

  void overhear(const troupe::event& x) {
    if (x.name == "message")
      remember(x.body.get<message>());
    else if (x.name == "entered")
      note_entered(x.body.get<presence>());
    else if (x.name == "left")
      note_left(x.body.get<presence>());
    else if (x.name == "renamed")
      note_renamed(x.body.get<presence>());
  }

  void remember(message x) {
    auto i = rooms_.find(x.room);
    if (i == rooms_.end())
      return;
    auto& said = i->second.said;
    said.push_back(std::move(x));
    if (said.size() > max_history)
      said.pop_front();
  }

  void note_entered(const presence& x) {
    auto guest = guests_.find(x.who);
    auto i = rooms_.find(x.room);
    if (guest == guests_.end() || i == rooms_.end())
      return;
    auto& room = i->second;
    room.here[x.who] = x.nick;
    // All in a room hear the same in the same order: what we heard before this
    // is the history, what comes after it the newcomer hears as we do.
    room_state state{x.room, {}, {room.said.begin(), room.said.end()}};
    for (const auto& [who, nick] : room.here)
      state.here.push_back({who, nick});
    tell(guest->second.connection, "room", state);
    list_soon();
  }

  void note_left(const presence& x) {
    auto i = rooms_.find(x.room);
    if (i != rooms_.end() && i->second.here.erase(x.who) > 0)
      list_soon();
  }

  void note_renamed(const presence& x) {
    auto i = rooms_.find(x.room);
    if (i != rooms_.end() && i->second.here.count(x.who) > 0)
      i->second.here[x.who] = x.nick;
  }

  void list_soon() {
    if (!std::exchange(list_is_due_, true))
      delayed_send(this, list_delay, list_rooms{});
  }

  void list() {
    list_is_due_ = false;
    std::vector<room_count> all;
    for (const auto& [name, room] : rooms_)
      all.push_back({name, room.here.size()});
    tell_room(std::string{troupe::all}, "rooms", all);
  }

  // -- private messages -------------------------------------------------------

  void deliver_private(const pass_on& x) {
    auto who = caf::actor_cast<caf::actor>(current_sender());
    auto from = guests_.find(x.guest);
    if (from == guests_.end())
      return refuse(who, x.id, "Choose a nickname first.");
    auto to = owners_.find(fold(x.to));
    if (to == owners_.end())
      return refuse(who, x.id, "Nobody here is called " + x.to + ".");
    const auto& receiver = guests_[to->second];
    private_message text{x.id, from->second.nick, receiver.nick, x.text,
                         server_time()};
    tell(receiver.connection, "whisper", text);
    if (receiver.connection != who)
      tell(who, "whisper", text);
  }

  // -- telling ----------------------------------------------------------------

  template <class T>
  static troupe::frame frame_of(std::string_view event, const T& data) {
    auto x = troupe::encode(event, troupe::to_wire(data), event_prefix);
    return x ? std::move(*x) : troupe::frame{};
  }

  template <class T>
  void tell(const caf::actor& who, std::string_view event, const T& data) {
    send(who, troupe::emit{frame_of(event, data)});
  }

  /// To everybody in a room but ourselves.
  template <class T>
  void
  tell_room(const std::string& name, std::string_view event, const T& data) {
    send(registry_, troupe::publish{name, frame_of(event, data), true});
  }

  void refuse(const caf::actor& who, const std::string& about,
              std::string reason) {
    tell(who, "refused", refusal{about, std::move(reason)});
  }

  caf::actor registry_;
  std::map<std::string, guest_record> guests_; ///< By the connection's id.
  std::map<std::string, std::string> owners_;  ///< Guests by folded nickname.
  std::map<std::string, room_record> rooms_;
  bool list_is_due_ = false;
};

} // namespace

caf::actor spawn_directory(caf::actor_system& sys, const caf::actor& registry) {
  auto res = sys.spawn<directory>(registry);
  // Here and not in the actor: before the first guest can come.
  caf::anon_send(registry, troupe::subscribe{res});
  return res;
}

} // namespace chat
