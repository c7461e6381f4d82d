#include "actors/dialogue.hpp"

#include "actors/connection_messages.hpp"
#include "actors/publish_target.hpp"
#include "base/protocol2_refusal.hpp"
#include "base/reserved_names.hpp"

#include <caf/send.hpp>

#include <utility>

namespace troupe::actors {

namespace {

using protocol2::kind;
using protocol2::message_view;

/// Returns what the client gets if its join has failed with `why`.
refusal to_join_refusal(const caf::error& why) {
  if (why == errc::too_many_rooms)
    return refuse("too_many_rooms", what(why));
  // The connection has left the room before the join was answered.
  if (why == errc::refused)
    return refuse("refused", "not a member of the room any more");
  return refuse("refused", what(why));
}

} // namespace

/// A request of the client while its handlers run.
class dialogue::client_request final : public troupe::requester {
public:
  client_request(dialogue& parent, uint64_t id) : parent_(parent), id_(id) {
  }

  bool is_request() const noexcept override {
    return true;
  }

  void settle(outcome x) override {
    if (!std::exchange(is_settled_, true))
      parent_.answer(id_, x);
  }

  one_shot<outcome> hold() override {
    if (std::exchange(is_settled_, true))
      return {};
    return make_outcome_handle(
      [owner = &parent_.owner_, parent = &parent_, id = id_,
       to = caf::actor_cast<caf::actor_addr>(&parent_.owner_)](outcome x) {
        // In a callback of this connection, the answer is in order with what
        // the callback sends.
        if (handler_actor::running() == owner)
          parent->answer(id, x);
        else if (auto self = caf::actor_cast<caf::actor>(to))
          caf::anon_send(self, answered{id, std::move(x)});
      },
      parent_.alive_);
  }

private:
  dialogue& parent_;
  uint64_t id_;
  bool is_settled_ = false;
};

dialogue::dialogue(handler_actor& owner, connection_actions& actions,
                   const lower_layer& socket, hello_gate& gate)
  : owner_(owner),
    actions_(actions),
    socket_(socket),
    gate_(gate) {
  owner_.handlers().leave.add([this](connection&, const std::string& room) {
    auto was_told = added_.erase(room) > 0;
    if (actions_.is_ending())
      return;
    // A client that the server has added may leave before it hears that. One
    // that waits for a join gets an error.
    if (was_told || (room != leaving_ && !joining_.contains(room)))
      tell_change(room, "left");
  });
}

// -- to the client ------------------------------------------------------------

frame dialogue::translate(const frame& x) const {
  return protocol2::translate(x, owner_.core().settings.event_prefix, {});
}

const batch& dialogue::translate(const batch& x,
                                 const std::string& room) const {
  return x.translated([&, name = std::string{}](const frame& y) mutable {
    if (name.empty() && !room.empty())
      name = protocol2::encode_room(room);
    return protocol2::translate(y, owner_.core().settings.event_prefix, name);
  });
}

void dialogue::greet() {
  using std::chrono::milliseconds;
  using clock = std::chrono::system_clock;
  const auto& cfg = owner_.core().settings;
  auto beat = std::chrono::ceil<milliseconds>(cfg.beat_period);
  nlohmann::json content{{"v", 2},
                         {"id", owner_.client_id()},
                         {"limits",
                          {{"message", cfg.max_message_size},
                           {"requests", cfg.max_requests},
                           {"rooms", cfg.max_rooms_per_connection}}},
                         {"beat", beat.count()}};
  if (auto end = socket_.expires_at(); end != clock::time_point::max()) {
    auto now = clock::now();
    auto left = std::chrono::floor<milliseconds>(std::max(end, now) - now);
    content["until"] = left.count();
  }
  send(protocol2::encode_json(kind::hello, content));
}

void dialogue::refuse(uint64_t id, std::string_view code,
                      std::string_view text) {
  send(protocol2::encode_error(id, code, to_wire(text)));
}

void dialogue::on_joined(const std::string& room) {
  // The connection may have left it meanwhile.
  if (joining_.contains(room) || !actions_.is_member(room))
    return;
  added_.insert(room);
  tell_change(room, "joined");
}

void dialogue::on_join_refused(const std::string& room) {
  if (!joining_.contains(room))
    tell_change(room, "refused");
}

/// Tells the client of a change that it has not asked for.
void dialogue::tell_change(const std::string& room, std::string_view why) {
  send(protocol2::encode_change(protocol2::encode_room(room), why));
}

/// Sends a message that must not be dropped, neither because the client is slow
/// nor because a callback has sent too much.
void dialogue::send(const frame& x) {
  auto bytes = as_configured(owner_.core().settings, x).wire();
  bytes.messages = 0;
  actions_.respond(std::move(bytes));
}

// -- from the client ----------------------------------------------------------

void dialogue::read(const frame& message) {
  auto x = protocol2::parse(message.payload());
  if (x.status == protocol2::status::valid)
    owner_.watched([&] { dispatch(x, message); },
                   [&] {
                     return x.value.name.empty()
                              ? std::string{"a message"}
                              : "event " + std::string{x.value.name};
                   });
  else if (x.status == protocol2::status::malformed)
    count_malformed(x);
  else
    add_one(owner_.core().stats.unknown_events);
}

void dialogue::dispatch(const message_view& x, const frame& message) {
  switch (x.kind) {
    case kind::event:
      return read_event(x, message);
    case kind::raw:
      return owner_.call(owner_.handlers().message, message.is_binary()
                                                      ? frame::binary(x.text)
                                                      : frame::text(x.text));
    case kind::request:
      return read_request(x);
    case kind::answer:
    case kind::error:
      return read_outcome(x);
    case kind::join:
      return read_join(x);
    case kind::leave:
      return read_leave(x);
    case kind::probe:
      return send(protocol2::encode_sign(kind::beat));
    case kind::hello:
      return gate_.read(x) ? void() : count_malformed(x);
    case kind::beat:
    case kind::change:
    case kind::advice:
      return; // A client has no reason to send these.
  }
}

void dialogue::count_malformed(const message_view& x) {
  add_one(owner_.core().stats.malformed_events);
  owner_.fail(make_error(errc::malformed_event));
  if ((x.kind == kind::request || x.kind == kind::join) && x.id != 0)
    refuse(x.id, "malformed", "the message matches no rule");
}

void dialogue::read_event(const message_view& x, const frame& message) {
  if (x.room.empty()) {
    owner_.handle_event(x.value, no_request);
    return;
  }
  auto room = protocol2::decode_room(x.room);
  if (!actions_.is_member(*room))
    return refuse(0, "not_member", *room);
  auto rules = owner_.core().rooms.find(*room);
  if (!rules || !rules->clients_publish)
    return refuse(0, "refused", *room);
  const auto& cfg = owner_.core().settings;
  // Members, which may speak version 1, need not expect it.
  if (!value_of(x.value))
    return refuse(0, "invalid", *room);
  // The value is the end of the message, as it is in version 1.
  const auto* begin = x.value.name.data();
  const auto* end = message.payload().data() + message.payload().size();
  actions_.send_to(recipient::room(*room).except_sender(),
                   frame::concat(message.is_binary() || cfg.binary_messages,
                                 {cfg.event_prefix,
                                  {begin, static_cast<size_t>(end - begin)}}));
}

void dialogue::read_leave(const message_view& x) {
  auto room = protocol2::decode_room(x.room);
  if (!find_open(*room))
    return refuse(0, "refused", *room);
  leaving_ = *room;
  actions_.leave(*room);
  leaving_.clear();
}

// -- requests of the client ---------------------------------------------------

void dialogue::read_request(const message_view& x) {
  if (in_flight_ >= owner_.core().settings.max_requests)
    return refuse(x.id, "busy", "too many requests in flight");
  if (!x.room.empty())
    return refuse(x.id, "no_handler", "the room answers no requests");
  ++in_flight_;
  client_request asker{*this, x.id};
  asker.settle(outcome_of(owner_.handle_event(x.value, asker)));
}

void dialogue::answer(uint64_t id, const outcome& x) {
  --in_flight_;
  if (auto* value = std::get_if<wire_value>(&x))
    return send(protocol2::encode_answer(id, *value));
  send(protocol2::encode_refusal(id, std::get<refusal>(x)));
}

void dialogue::read_join(const message_view& x) {
  if (in_flight_ >= owner_.core().settings.max_requests)
    return refuse(x.id, "busy", "too many requests in flight");
  auto room = protocol2::decode_room(x.room);
  auto rules = find_open(*room);
  ++in_flight_;
  if (!rules)
    return refuse_join(
      x.id, *room, troupe::refuse("refused", "clients may not join this room"));
  if (base::is_reserved_room(*room) || *room == owner_.client_id())
    return answer(x.id, troupe::refuse("invalid_room", *room));
  auto says = decide(*rules, *room, x.value);
  if (std::holds_alternative<refusal>(says))
    return refuse_join(x.id, *room, says);
  joining_.insert(*room);
  actions_.join_then(*room, [this, id = x.id, room = *room,
                             says = std::move(says)](const caf::error& why) {
    joining_.erase(joining_.find(room));
    answer(id, why ? to_join_refusal(why) : says);
  });
}

/// Answers a join with `why`. A client that is in the room nevertheless takes
/// the answer for newer than what it was told.
void dialogue::refuse_join(uint64_t id, const std::string& room,
                           const outcome& why) {
  answer(id, why);
  if (added_.contains(room))
    tell_change(room, "joined");
}

/// Returns the options of a room that clients may join and leave; null for any
/// other room.
std::shared_ptr<const room_options>
dialogue::find_open(const std::string& room) const {
  auto result = owner_.core().rooms.find(room);
  return result && result->clients_join ? result : nullptr;
}

/// Lets the program decide about a join.
outcome dialogue::decide(const room_options& rules, const std::string& room,
                         const event_view& data) {
  auto result = troupe::to_outcome(nlohmann::json{});
  auto has_decided = !rules.on_join || owner_.call([&](connection& c) {
    result = troupe::to_outcome(rules.on_join(c, room, data));
  });
  return has_decided ? result : troupe::refuse("failed");
}

// -- requests to the client ---------------------------------------------------

void dialogue::ask(std::string_view event, const wire_value& data,
                   open_requests::callback f, caf::timespan timeout) {
  if (requests_.size() >= owner_.core().settings.max_requests)
    return f(troupe::refuse("busy", "too many requests in flight"));
  if (actions_.is_ending())
    return f(troupe::refuse("gone"));
  auto id = requests_.add(std::move(f), owner_.clock().now() + timeout);
  send(protocol2::encode_request(id, {}, {event, data.tag, data.payload}));
  await_late_requests();
}

void dialogue::end_late_requests() {
  for (const auto& f : requests_.take_late(owner_.clock().now()))
    f(troupe::refuse("timeout"));
  await_late_requests();
}

void dialogue::abandon_requests() {
  for (const auto& f : requests_.take_all())
    f(troupe::refuse("unknown_outcome"));
}

void dialogue::await_late_requests() {
  if (auto end = requests_.next_alarm())
    owner_.delayed_send(&owner_, *end - owner_.clock().now(),
                        request_overdue{});
}

void dialogue::read_outcome(const message_view& x) {
  auto f = requests_.take(x.id);
  if (!f) // The answer comes late.
    return;
  if (x.kind == kind::answer)
    f(x.value);
  else
    f(protocol2::decode_refusal(x));
}

} // namespace troupe::actors
