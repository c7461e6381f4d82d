#include "actors/dialogue.hpp"

#include "actors/connection_messages.hpp"
#include "base/guarded.hpp"

#include <caf/send.hpp>

#include <utility>

namespace troupe::actors {

namespace {

using protocol2::kind;
using protocol2::message_view;

wire_value details_of(const refusal& x) {
  if (x.retry_after <= caf::timespan{0})
    return to_wire(x.message);
  auto after = std::chrono::ceil<std::chrono::milliseconds>(x.retry_after);
  return to_wire(
    nlohmann::json{{"message", x.message}, {"after", after.count()}});
}

/// Reads what `details_of` has written.
refusal to_refusal(const message_view& x) {
  refusal result{std::string{x.code}, {}, {}};
  auto value = value_of(x.value);
  if (value && value->is_string())
    result.message = value->get<std::string>();
  if (!value || !value->is_object())
    return result;
  if (auto text = value->find("message");
      text != value->end() && text->is_string())
    result.message = text->get<std::string>();
  if (auto after = value->find("after");
      after != value->end() && after->is_number_unsigned())
    result.retry_after = std::chrono::milliseconds{
      std::min(after->get<uint64_t>(), uint64_t{24 * 60 * 60 * 1000})};
  return result;
}

/// Returns the word for a join that the server refuses.
std::string_view code_of(const caf::error& err) {
  if (err == errc::too_many_rooms)
    return "too_many_rooms";
  if (err == errc::reserved_name)
    return "invalid_room";
  return "refused";
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
    auto was_added = added_.erase(room) > 0;
    if (actions_.is_ending())
      return;
    // A client that was added may have left before it heard that. A client that
    // waits for a join gets an error.
    if (was_added || (room != leaving_ && !asked_.contains(room)))
      tell(room, "left");
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
  if (asked_.contains(room) || !actions_.is_member(room))
    return;
  added_.insert(room);
  tell(room, "joined");
}

/// Sends a change of the membership in `room`.
void dialogue::tell(const std::string& room, std::string_view why) {
  send(protocol2::encode_change(protocol2::encode_room(room), why));
}

/// Sends a message that must not be dropped if the client is slow.
void dialogue::send(const frame& x) {
  auto bytes = x.wire();
  bytes.messages = 0;
  actions_.send_to_self(std::move(bytes));
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
  // The value is the end of the message, as it is in version 1.
  const auto* begin = x.value.name.data();
  const auto* end = message.payload().data() + message.payload().size();
  actions_.send_to(recipient::room(*room).except_sender(),
                   frame::concat(message.is_binary(),
                                 {owner_.core().settings.event_prefix,
                                  {begin, static_cast<size_t>(end - begin)}}));
}

void dialogue::read_leave(const message_view& x) {
  leaving_ = *protocol2::decode_room(x.room);
  actions_.leave(leaving_);
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
  switch (owner_.handle_event(x.value, asker)) {
    case handled::fine:
      return asker.settle(wire_value{});
    case handled::unknown:
      return asker.settle(troupe::refuse("no_handler"));
    case handled::unfit:
      return asker.settle(troupe::refuse("invalid"));
    case handled::failed:
      return asker.settle(troupe::refuse("failed"));
  }
}

void dialogue::answer(uint64_t id, const outcome& x) {
  --in_flight_;
  if (auto* value = std::get_if<wire_value>(&x))
    return send(protocol2::encode_answer(id, *value));
  const auto& why = std::get<refusal>(x);
  auto code = is_refusal_code(why.code) ? why.code : "failed";
  send(protocol2::encode_error(id, code, details_of(why)));
}

void dialogue::read_join(const message_view& x) {
  if (in_flight_ >= owner_.core().settings.max_requests)
    return refuse(x.id, "busy", "too many requests in flight");
  auto room = protocol2::decode_room(x.room);
  auto rules = owner_.core().rooms.find(*room);
  ++in_flight_;
  if (!rules || !rules->clients_join)
    return refuse_join(
      x.id, *room, troupe::refuse("refused", "clients may not join this room"));
  reply<nlohmann::json> says = nlohmann::json{};
  if (rules->on_join && !owner_.call([&](connection& c) {
        says = rules->on_join(c, *room, x.value);
      }))
    says = troupe::refuse("failed");
  if (!says)
    return refuse_join(x.id, *room, says.why());
  asked_.insert(*room);
  actions_.join_then(*room, [this, alive = std::weak_ptr{alive_}, id = x.id,
                             room = *room,
                             data = to_wire(*says)](const caf::error& why) {
    if (alive.expired()) // At the end, this goes before what waits.
      return;
    asked_.erase(asked_.find(room));
    if (why)
      return answer(id, troupe::refuse(std::string{code_of(why)}, what(why)));
    if (!actions_.is_member(room))
      return answer(id, troupe::refuse("refused",
                                       "the membership ended before "
                                       "the join was answered"));
    answer(id, data);
  });
}

/// Answers a join with `why`. A client that is in the room nevertheless takes
/// the answer for newer than what it was told.
void dialogue::refuse_join(uint64_t id, const std::string& room,
                           const refusal& why) {
  answer(id, why);
  if (added_.contains(room))
    tell(room, "joined");
}

// -- requests to the client ---------------------------------------------------

void dialogue::ask(std::string_view event, const wire_value& data,
                   open_requests::callback f, caf::timespan timeout) {
  if (requests_.size() >= owner_.core().settings.max_requests)
    return f(troupe::refuse("busy", "too many requests in flight"));
  if (actions_.is_ending())
    return f(troupe::refuse("gone"));
  auto id = requests_.add(std::move(f));
  send(protocol2::encode_request(id, {}, {event, data.tag, data.payload}));
  owner_.delayed_send(&owner_, timeout, request_overdue{id});
}

void dialogue::read_outcome(const message_view& x) {
  if (x.kind == kind::answer)
    requests_.settle(x.id, x.value);
  else
    requests_.settle(x.id, to_refusal(x));
}

} // namespace troupe::actors
