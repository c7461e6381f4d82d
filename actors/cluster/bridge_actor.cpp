#include "actors/cluster/bridge_actor.hpp"

#include "actors/cluster/remote_text.hpp"
#include "actors/server_core.hpp"
#include "troupe/error.hpp"

#include <chrono>
#include <utility>

namespace troupe::actors {

namespace {

/// Sent by the actor to itself. Announces rooms that stayed vacant, and fails
/// questions that were not answered in time.
struct bridge_tick {};

constexpr std::chrono::seconds tick_period{1};

} // namespace

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::bridge_tick)

namespace troupe::actors {

bridge_actor::bridge_actor(caf::actor_config& cfg, event_loop* at,
                           caf::actor registry, std::string node,
                           bridge_limits limits,
                           std::shared_ptr<bridge_counters> counters)
  : runtime_actor(cfg, at),
    ends_{this, std::move(registry)},
    node_(std::move(node)),
    counters_(std::move(counters)),
    losses_(node_, counters_),
    wire_batches_(limits, counters_),
    received_(ends_, losses_, counters_),
    control_(ends_, counters_),
    receipts_(ends_),
    events_(ends_, control_, losses_),
    responder_(ends_, control_, losses_, counters_) {
  belong_to(ends_.registry);
}

caf::behavior bridge_actor::make_behavior() {
  return {
    [this](const meet& msg) { begin(msg.peer); },
    [this](dismiss) { quit(); },
    // For the other node.
    [this](const msg::deliver& msg) { carry(msg); },
    [this](const msg::publish& msg) { carry(msg); },
    [this](turn_end) { on_turn_end(); },
    [this](const wire_batch_done& msg) {
      wire_batches_.done(msg.number, now());
      send_wire_batches(true);
    },
    [this](const control_done& msg) { control_.done(msg.count); },
    [this](const local_names& msg) { note(msg); },
    [this](const room_populated& msg) { note(msg); },
    [this](const id_held& msg) { note(msg); },
    [this](const id_freed& msg) { note(msg); },
    [this](bridge_tick) { tick(); },
    [this](resync) {
      control_.names().begin_anew();
      control_.send();
    },
    [this](const ask_remote& msg) { ask_there(msg); },
    [this](const events_wanted& msg) { events_.want(msg.round); },
    [this](const msg::connection_up& msg) { events_.report(msg); },
    [this](const msg::connection_down& msg) { events_.report(msg); },
    // From the other node.
    [this](wire_batch& msg) { received_.unpack(msg); },
    [this](const msg::confirmed& msg) { received_.on_confirmed(msg); },
    [this](const arrival_refused& msg) { received_.on_refused(msg); },
    [this](const interest_update& msg) {
      learn(msg);
      receipts_.count();
    },
    [this](const question& msg) {
      responder_.look_up(msg);
      receipts_.count();
    },
    [this](const answer& msg) {
      on_answer(msg);
      receipts_.count();
    },
    [this](const event_report& msg) {
      events_.hear(msg);
      receipts_.count();
    },
    [this](const send_events& msg) { events_.begin(msg.round); },
  };
}

void bridge_actor::on_exit() {
  // Breaks the reference cycle with the registry.
  ends_.registry = nullptr;
  ends_.peer = nullptr;
  control_.abandon();
  losses_.report_dropped(wire_batches_.take_losses());
  losses_.report_unfinished(wire_batches_.abandon());
}

flow_window::time_point bridge_actor::now() const {
  return clock().now();
}

void bridge_actor::begin(const caf::actor& peer) {
  if (ends_.peer)
    return;
  ends_.peer = peer;
  send(ends_.registry, register_bridge{node_});
  // The counterpart may have met this bridge earlier and sent its state then.
  if (is_interest_missed_)
    send(ends_.peer, resync{});
  events_.on_met();
  control_.send();
  receipts_.confirm();
}

// -- messages for the other node ----------------------------------------------

void bridge_actor::pack(const recipient& to, uint64_t from,
                        const frame& message) {
  // Sending what the window allows may make room.
  if (!wire_batches_.has_room(message))
    send_wire_batches(true);
  wire_batches_.add(to, from, message);
}

void bridge_actor::carry(const msg::deliver& msg) {
  auto to = msg.room.empty() ? recipient{all} : recipient::room(msg.room);
  for (const auto& x : msg.messages.entries())
    if (!x.from_remote)
      pack(to, x.from, x.message);
  send_wire_batches(false);
  ask_for_turn_end();
}

void bridge_actor::carry(const msg::publish& msg) {
  const auto& from = current_sender();
  pack(recipient::connection(msg.to.name), from ? from->id() : 0, msg.message);
  send_wire_batches(false);
  ask_for_turn_end();
}

void bridge_actor::ask_for_turn_end() {
  if (!control_.hold_names())
    return; // Already requested.
  if (at() != nullptr)
    at()->at_turn_end(caf::actor_cast<caf::strong_actor_ptr>(this));
  else
    send(this, turn_end{});
}

void bridge_actor::on_turn_end() {
  control_.release_names();
  control_.send();
  send_wire_batches(true);
  losses_.report_dropped(wire_batches_.take_losses());
}

void bridge_actor::send_wire_batches(bool may_be_small) {
  while (auto x = wire_batches_.next(may_be_small, now())) {
    control_.send_new_ids();
    send(ends_.peer, std::move(*x));
  }
}

// -- control messages ---------------------------------------------------------

void bridge_actor::note(const local_names& msg) {
  for (const auto& room : msg.populated)
    control_.names().note(room, true);
  for (const auto& x : msg.held)
    control_.names().note(x);
  ask_for_turn_end();
}

void bridge_actor::note(const room_populated& msg) {
  control_.names().note(msg.room, msg.has_members);
  ask_for_turn_end();
  keep_ticking();
}

void bridge_actor::note(const id_held& msg) {
  control_.names().note(msg.what);
  ask_for_turn_end();
}

void bridge_actor::note(const id_freed& msg) {
  control_.names().note_free(msg.id);
  ask_for_turn_end();
}

void bridge_actor::learn(const interest_update& msg) {
  if (!ends_.peer) {
    // The registry does not know this bridge yet.
    is_interest_missed_ = true;
    return;
  }
  auto news = foreign_.read(msg);
  if (!news) {
    send(ends_.peer, resync{});
    return;
  }
  if (news->refused > 0)
    losses_.count_refused_names(news->refused);
  for (auto& room : news->vacated)
    send(ends_.registry, remote_room_populated{std::move(room), false});
  for (auto& room : news->populated)
    send(ends_.registry, remote_room_populated{std::move(room), true});
  for (auto& id : news->freed)
    send(ends_.registry, id_freed{std::move(id)});
  for (auto& x : news->held)
    send(ends_.registry, id_held{std::move(x)});
}

void bridge_actor::ask_there(const ask_remote& msg) {
  auto asker = make_response_promise();
  if (!control_.questions().add(msg.what, asker)) {
    add_one(counters_->questions_refused);
    asker.deliver(
      make_error(errc::no_answer, "too many questions to " + node_));
    return;
  }
  keep_ticking();
  control_.send();
}

void bridge_actor::on_answer(const answer& msg) {
  if (is_sound(msg.what)) {
    control_.questions().finish(msg);
    return;
  }
  losses_.count_refused_text(1);
  control_.questions().finish(
    {msg.number,
     {},
     make_error(errc::no_answer,
                "the response contains text that is not UTF-8")});
}

void bridge_actor::keep_ticking() {
  if (control_.needs_ticks() && !std::exchange(is_ticking_, true))
    delayed_send(this, tick_period, bridge_tick{});
}

void bridge_actor::tick() {
  is_ticking_ = false;
  control_.tick();
  keep_ticking();
}

} // namespace troupe::actors
