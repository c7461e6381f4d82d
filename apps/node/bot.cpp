#include "bot.hpp"

#include "chat/clock.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace chat {

namespace {

/// Sent by a bot to itself. Makes it join the room again if the room still
/// exists.
struct look_again {
  std::string room;
};

/// Other nodes report within two seconds that a room has no members there.
constexpr std::chrono::seconds doubt{5};

} // namespace

} // namespace chat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::look_again)

namespace chat {

bot::bot(caf::actor_config& cfg, caf::actor registry, std::string nick)
  : caf::event_based_actor(cfg),
    registry_(std::move(registry)),
    out_(*this, registry_, {.event_prefix = event_prefix}),
    nick_(std::move(nick)) {
  link_to(registry_);
}

caf::behavior bot::make_behavior() {
  send(registry_, troupe::msg::subscribe{this, true});
  request(registry_, caf::infinite, troupe::msg::rooms{})
    .then([this](const std::vector<troupe::room_info>& all) {
      for (const auto& x : all)
        enter(x.name);
    });
  return {
    [this](const troupe::msg::room_up& x) { enter(x.name); },
    [this](const troupe::msg::room_down& x) {
      rooms_.erase(x.name);
      forget(x.name);
    },
    [](const troupe::msg::connection_up&) {},
    [this](const troupe::msg::connection_down& x) { forget_guest(x.id); },
    [](const troupe::msg::joined&) {},
    [](const troupe::msg::join_refused&) {},
    [this](const troupe::msg::member_removed& x) {
      rooms_.erase(x.room);
      enter(x.room);
    },
    [this](const troupe::msg::deliver& x) {
      x.messages.for_each(id(), [this](const troupe::frame& message) {
        if (auto event = troupe::decode(message.payload(), event_prefix))
          overhear(*event);
      });
    },
    [this](const look_again& x) {
      if (rooms_.contains(x.room))
        send(registry_, troupe::msg::join{x.room, nullptr});
    },
  };
}

/// Joins a room. The names of rooms for guests begin with '#'.
void bot::enter(const std::string& room) {
  if (room.starts_with('#') && rooms_.insert(room).second)
    send(registry_, troupe::msg::join{room, nullptr});
}

void bot::overhear(const troupe::event& x) {
  if (x.name == "closed") {
    leave(x.body.get<std::string>());
  } else if (x.name == "message") {
    auto said = x.body.get<message>();
    if (std::find(std::begin(bots), std::end(bots), said.nick)
        == std::end(bots))
      hear(said);
  }
}

/// Leaves a room without guests, which would otherwise exist forever. If it
/// still exists afterwards, a guest has joined at the last moment.
void bot::leave(const std::string& room) {
  send(registry_, troupe::msg::leave{room, nullptr});
  delayed_send(this, doubt, look_again{room});
}

void bot::say(const std::string& room, const std::string& text) {
  out_.to_room(room).except_me().emit(
    "message", message{room, next_id(), nick_, nick_, text, server_time()});
}

void bot::whisper_to(const message& x, const std::string& text) {
  out_.to_connection(x.who).emit(
    "whisper", private_message{next_id(), nick_, x.nick, text, server_time()});
}

void bot::send_away(const message& x, const std::string& why) {
  send(registry_, troupe::msg::forward{
                    x.who, caf::make_message(troupe::msg::disconnect{
                             troupe::close_code::policy_violation, why})});
}

/// Returns a unique id, also after a restart, since pages show each message id
/// once.
std::string bot::next_id() {
  return "bot-" + std::to_string(server_time()) + '-' + std::to_string(++said_);
}

} // namespace chat
