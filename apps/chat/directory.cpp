#include "directory.hpp"

#include "attendance.hpp"
#include "clock.hpp"
#include "colleagues.hpp"
#include "kept_rooms.hpp"
#include "local_guests.hpp"
#include "nickname_claims.hpp"
#include "protocol.hpp"

#include <troupe/cluster.hpp>
#include <troupe/troupe.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace chat {

namespace {

/// Sent by the directory to itself. Sends the list of rooms to all guests.
struct list_rooms {};

/// Sent by the directory to itself. Closes rooms that are not needed.
struct sweep {};

/// Sent by the directory to itself. Sends a beat to the other directories.
struct beat {};

} // namespace

} // namespace chat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::list_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::sweep)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::beat)

namespace chat {

namespace {

/// Changes within this time are sent as one list.
constexpr std::chrono::milliseconds list_delay{100};

/// A room without guests stays open for one to two periods, so that guests who
/// reload the page find it again.
constexpr std::chrono::seconds sweep_period{30};

/// Time between two beats.
constexpr std::chrono::milliseconds beat_period{500};

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
                     rooms_.learn(x, room, std::move(said));
                   }}),
      guests_(this),
      claims_(this, all_, colleagues_, guests_),
      rooms_(this, all_,
             {[this](const std::string& x) { on_opened(x); },
              [this](const std::string& x) { on_closed(x); }}),
      self_{std::move(node), {}, {}, 0, 0, {}} {
  }

  const char* name() const override {
    return "chat.directory";
  }

  caf::behavior make_behavior() override {
    link_to(registry_);
    for (auto* x : standing_rooms)
      rooms_.open_standing(x);
    send(this, sweep{});
    return {
      // From connections.
      [this](const claim& x) { claims_.give(x, sender()); },
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
        guests_.add(x.id, x.handle);
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
      [this](const open_now& x) { rooms_.stop_waiting(x.room); },
    };
  }

  void on_exit() override {
    // Breaks the reference cycles with connections and the registry.
    guests_.clear();
    rooms_.clear();
    registry_ = nullptr;
  }

private:
  caf::actor sender() {
    return caf::actor_cast<caf::actor>(current_sender());
  }

  // -- guests -----------------------------------------------------------------

  void forget(const std::string& gone) {
    guests_.remove(gone);
    // A guest who leaves publishes that in the room, unless the connection
    // ended abnormally.
    if (const auto* x = all_.find(gone))
      for (const auto& room : x->rooms)
        tell_room(room, "left", presence{room, gone, x->nick});
    colleagues_.remove(gone);
    list_soon();
  }

  // -- rooms ------------------------------------------------------------------

  void admit(const enter& x) {
    auto who = sender();
    if (!all_.find(x.guest))
      return guests_.refuse(who, x.room, "Choose a nickname first.");
    if (!is_there(x.room) && all_.rooms().size() >= max_rooms)
      return guests_.refuse(who, x.room, "There are too many rooms.");
    rooms_.admit(x.room, who);
  }

  bool is_there(const std::string& room) const {
    return rooms_.has(room) || !all_.keepers(room).empty()
           || !all_.in(room).empty();
  }

  void on_opened(const std::string& name) {
    // The directory joins before the first guest does, so it misses no message.
    send(registry_, troupe::msg::join{name, nullptr});
    colleagues_.recall(name);
    self_.rooms.insert(name);
    colleagues_.put(self_);
    list_soon();
  }

  void on_closed(const std::string& name) {
    self_.rooms.erase(name);
    colleagues_.put(self_);
    if (!is_there(name))
      tell_room(name, "closed", name);
    send(registry_, troupe::msg::leave{name, nullptr});
    list_soon();
  }

  void close_vacant_rooms() {
    std::set<std::string> needed;
    guests_.for_each(
      [&](const std::string& id) { needed.merge(all_.rooms_of(id)); });
    rooms_.close_vacant(needed);
    delayed_send(this, sweep_period, sweep{});
  }

  void overhear(const troupe::event& x) {
    if (x.name == "message")
      rooms_.remember(x.body.get<message>());
    else if (x.name == "entered")
      note_entered(x.body.get<presence>());
    else if (x.name == "left")
      note_left(x.body.get<presence>());
  }

  void note_entered(const presence& x) {
    const auto* guest = guests_.find(x.who);
    const auto* known = all_.find(x.who);
    const auto* said = rooms_.said(x.room);
    if (!guest || !known || !said)
      return; // A guest of another node, whose directory reports it.
    attendee now{*known};
    now.rooms.insert(x.room);
    colleagues_.put(std::move(now));
    // All members of a room receive messages in the same order: messages before
    // this one are in the history, and the new guest receives those after it.
    guests_.tell(*guest, "room",
                 room_state{x.room, all_.in(x.room), said->list()});
    list_soon();
  }

  void note_left(const presence& x) {
    const auto* known = all_.find(x.who);
    if (!known || !guests_.find(x.who))
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

  /// Sends the list of rooms to the guests of this node.
  void list() {
    list_is_due_ = false;
    guests_.tell_all("rooms", all_.rooms());
  }

  // -- private messages -------------------------------------------------------

  void deliver_private(const pass_on& x) {
    auto who = sender();
    const auto* from = all_.find(x.guest);
    if (!from)
      return guests_.refuse(who, x.id, "Choose a nickname first.");
    const auto* to = all_.owner_of(x.to);
    if (!to)
      return guests_.refuse(who, x.id, "No user named " + x.to + " is online.");
    private_message text{x.id, from->nick, to->nick, x.text, server_time()};
    // The recipient may be on any node.
    out_.to_connection(to->who).emit("whisper", text);
    if (to->who != x.guest)
      guests_.tell(who, "whisper", text);
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
    rooms_.forget_node(node);
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

  /// Reports changes on other nodes to the guests of this node. Most of them
  /// have been published in the rooms, but guests who joined in the meantime
  /// have missed them, and changes are not published if a node is lost or
  /// returns.
  void note_afar(const attendee& before, const attendee& after) {
    list_soon();
    if (after.nick.empty())
      return; // A directory, which has no nickname.
    for (const auto& room : before.rooms)
      if (!after.rooms.contains(room))
        guests_.tell(all_.in(room), "left",
                     presence{room, before.who, before.nick});
    for (const auto& room : after.rooms)
      if (!before.rooms.contains(room))
        guests_.tell(all_.in(room), "entered",
                     presence{room, after.who, after.nick});
      else if (before.nick != after.nick)
        guests_.tell(all_.in(room), "renamed",
                     presence{room, after.who, after.nick});
    if (all_.find(after.who))
      claims_.settle(after);
  }

  /// Requests the history again, since the nodes may have been cut off from
  /// each other.
  void on_met(const std::string& node) {
    for (const auto& name : rooms_.names())
      if (all_.keepers(name).contains(node))
        colleagues_.recall(name);
  }

  void tell_history(const std::string& node, const std::string& name) {
    if (const auto* said = rooms_.said(name))
      colleagues_.tell(node, name, said->list());
  }

  /// Publishes an event to all other members of a room.
  template <class T>
  void tell_room(const std::string& name, troupe::event_literal event,
                 const T& data) {
    out_.to_room(name).except_me().emit(event, data);
  }

  caf::actor registry_;
  troupe::publisher out_;
  attendance all_;
  colleagues colleagues_;
  local_guests guests_;
  nickname_claims claims_;
  kept_rooms rooms_;
  attendee self_;
  bool list_is_due_ = false;
  bool is_beating_ = false;
};

} // namespace

caf::actor spawn_directory(caf::actor_system& sys, const caf::actor& registry,
                           std::string node) {
  auto res = sys.spawn<directory>(registry, std::move(node));
  // Sent from here, so that the subscription precedes the first guest.
  caf::anon_send(registry, troupe::msg::subscribe{res});
  return res;
}

} // namespace chat
