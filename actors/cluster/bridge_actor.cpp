#include "actors/cluster/bridge_actor.hpp"

#include "actors/cluster/remote_text.hpp"
#include "actors/server_core.hpp"
#include "actors/survey_actor.hpp"
#include "troupe/log.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

namespace troupe::actors {

namespace {

/// To itself: look for rooms that stayed vacant and questions that stayed open.
struct bridge_tick {};

constexpr std::chrono::seconds tick_period{1};

/// How long this node's registry may take for a question of the other one.
constexpr std::chrono::seconds answer_patience{5};

std::string in_words(uint64_t messages) {
  return std::to_string(messages) + (messages == 1 ? " message" : " messages");
}

void log_loss(const std::string& line) {
  log_limited(log_level::warning, {.category = "cluster"}, line);
}

} // namespace

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::bridge_tick)

namespace troupe::actors {

bridge_actor::bridge_actor(caf::actor_config& cfg, event_loop* at,
                           caf::actor registry, std::string node,
                           bridge_limits limits,
                           std::shared_ptr<bridge_counters> counters)
  : runtime_actor(cfg, at),
    registry_(std::move(registry)),
    node_(std::move(node)),
    counters_(counters),
    wire_batches_(limits, counters),
    window_(counters),
    events_(counters),
    questions_(counters),
    answers_(std::move(counters)) {
  belong_to(registry_);
}

caf::behavior bridge_actor::make_behavior() {
  return {
    [this](const meet& msg) { begin(msg.peer); },
    [this](dismiss) { quit(); },
    // From here to there.
    [this](const msg::deliver& msg) { carry(msg); },
    [this](const msg::publish& msg) { carry(msg); },
    [this](turn_end) {
      turn_end_asked_ = false;
      send_control();
      send_wire_batches(true);
      report_losses();
    },
    [this](const wire_batch_done& msg) {
      wire_batches_.done(msg.number, now());
      send_wire_batches(true);
    },
    [this](const control_done& msg) {
      window_.done(msg.count, now());
      send_control();
    },
    [this](const local_names& msg) { note(msg); },
    [this](const room_populated& msg) { note(msg); },
    [this](const id_held& msg) { note(msg); },
    [this](const id_freed& msg) { note(msg); },
    [this](bridge_tick) { tick(); },
    [this](resync) {
      interest_.begin_anew();
      send_control();
    },
    [this](const ask_remote& msg) { ask_there(msg); },
    [this](const events_wanted& msg) { want_events(msg.round); },
    [this](const msg::connection_up& msg) { announce(msg); },
    [this](const msg::connection_down& msg) { announce(msg); },
    // From there to here.
    [this](wire_batch& msg) { unpack(msg); },
    [this](const msg::confirmed& msg) {
      for (auto ticket = msg.first; ticket <= msg.last; ++ticket)
        settle(ticket);
    },
    [this](const arrival_refused& msg) {
      auto count = inbound_.count_of(msg.ticket);
      actors::add(counters_->lost, count);
      log_loss(in_words(count) + " of node " + node_
               + " came after those of a later link");
      settle(msg.ticket);
    },
    [this](const interest_update& msg) {
      learn(msg);
      taken();
    },
    [this](const question& msg) {
      look_up(msg);
      taken();
    },
    [this](const answer& msg) {
      on_answer(msg);
      taken();
    },
    [this](const event_report& msg) {
      hear(msg);
      taken();
    },
    [this](const send_events& msg) { begin_events(msg.round); },
  };
}

void bridge_actor::on_exit() {
  // The registry holds our handle, and we its: let go.
  registry_ = nullptr;
  peer_ = nullptr;
  events_.abandon();
  questions_.abandon();
  answers_.abandon();
  report_losses();
  if (auto count = wire_batches_.abandon(); count > 0)
    log_loss("the link to node " + node_ + " ended: lost " + in_words(count)
             + " that waited or were under way");
}

flow_window::time_point bridge_actor::now() const {
  return clock().now();
}

void bridge_actor::begin(const caf::actor& peer) {
  if (peer_)
    return;
  peer_ = peer;
  send(registry_, register_bridge{node_});
  // That one may have met us before.
  if (is_interest_missed_)
    send(peer_, resync{});
  if (told_round_ != 0)
    list_connections();
  send_control();
  acknowledge();
}

// -- from here to there -------------------------------------------------------

void bridge_actor::pack(const recipient& to, uint64_t from,
                        const frame& message) {
  // What may go makes room.
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

void bridge_actor::note(const local_names& msg) {
  for (const auto& room : msg.populated)
    interest_.note(room, true);
  for (const auto& x : msg.held)
    interest_.note(x);
  ask_for_turn_end();
}

void bridge_actor::note(const room_populated& msg) {
  interest_.note(msg.room, msg.has_members);
  ask_for_turn_end();
  keep_ticking();
}

void bridge_actor::note(const id_held& msg) {
  interest_.note(msg.what);
  ask_for_turn_end();
}

void bridge_actor::note(const id_freed& msg) {
  interest_.note_free(msg.id);
  ask_for_turn_end();
}

void bridge_actor::ask_there(const ask_remote& msg) {
  auto asker = make_response_promise();
  if (!questions_.add(msg.what, asker)) {
    add_one(counters_->questions_refused);
    asker.deliver(
      make_error(errc::no_answer, "too many questions to " + node_));
    return;
  }
  keep_ticking();
  send_control();
}

template <class T>
void bridge_actor::announce(const T& x) {
  if (!are_listed_)
    return; // It is in the list that comes, or nobody wants to know.
  events_.add(x);
  send_control();
}

void bridge_actor::ask_for_turn_end() {
  if (std::exchange(turn_end_asked_, true))
    return;
  if (at() != nullptr)
    at()->at_turn_end(caf::actor_cast<caf::strong_actor_ptr>(this));
  else
    send(this, turn_end{});
}

void bridge_actor::send_wire_batches(bool may_be_small) {
  while (auto x = wire_batches_.next(may_be_small, now())) {
    // Who hears it may answer to an id that is new.
    if (interest_.has_new_ids() && window_.is_open())
      send_one(interest_.next());
    send(peer_, std::move(*x));
  }
}

void bridge_actor::report_losses() {
  auto lost = wire_batches_.take_losses();
  if (lost.no_room > 0)
    log_loss("node " + node_ + " is slow: lost " + in_words(lost.no_room)
             + " for it, see cluster.max-queue-bytes");
  if (lost.too_large > 0)
    log_loss(in_words(lost.too_large) + " for node " + node_
             + (lost.too_large == 1 ? " is" : " are") + " too large");
}

/// Sends what may go, one of each kind in turn: none waits for all of another.
void bridge_actor::send_control() {
  for (auto idle = 0; peer_ && window_.is_open() && idle < 4;)
    idle = send_next_kind() ? 0 : idle + 1;
}

bool bridge_actor::send_next_kind() {
  switch (next_kind_++ % 4) {
    case 0: // What a turn brings goes together, as wire batches do.
      return !turn_end_asked_ && send_one(interest_.next());
    case 1:
      return send_one(next_event_report());
    case 2:
      return send_one(questions_.next());
    default:
      return send_next_answer();
  }
}

/// It may be that somebody has joined: who hears that knows the room.
bool bridge_actor::send_next_answer() {
  auto x = answers_.next();
  if (x)
    send_one(interest_.next());
  return send_one(std::move(x));
}

template <class T>
bool bridge_actor::send_one(std::optional<T> x) {
  if (!x)
    return false;
  window_.sent(size_of(*x), now());
  send(peer_, std::move(*x));
  return true;
}

void bridge_actor::keep_ticking() {
  auto is_needed = interest_.needs_ticks() || !questions_.empty();
  if (is_needed && !std::exchange(is_ticking_, true))
    delayed_send(this, tick_period, bridge_tick{});
}

void bridge_actor::tick() {
  is_ticking_ = false;
  interest_.tick();
  questions_.tick();
  send_control();
  keep_ticking();
}

void bridge_actor::want_events(uint64_t round) {
  wanted_round_ = round;
  send(peer_, send_events{wanted_round_});
}

void bridge_actor::begin_events(uint64_t round) {
  if (round == std::exchange(told_round_, round))
    return;
  events_.clear();
  are_listed_ = false;
  send(registry_, unwatch_connections{});
  if (round != 0 && peer_)
    list_connections();
}

void bridge_actor::list_connections() {
  // Without a time-out: whoever there is and is not told of now never is.
  request(registry_, caf::infinite, watch_connections{})
    .then([this, round = told_round_](const std::vector<connection_info>& xs) {
      if (round != told_round_)
        return;
      are_listed_ = true;
      for (const auto& x : xs)
        events_.add(msg::connection_up{x.id, x.handle});
      send_control();
    });
}

std::optional<event_report> bridge_actor::next_event_report() {
  auto result = events_.next();
  if (result)
    result->round = told_round_;
  return result;
}

// -- from there to here -------------------------------------------------------

void bridge_actor::unpack(wire_batch& msg) {
  actors::add(counters_->received, msg.count);
  inbound_.begin_wire_batch();
  auto bytes = std::make_shared<const std::string>(std::move(msg.bytes));
  uint32_t taken = 0;
  auto is_whole = read_wire_batch(bytes,
                                  [&](const recipient& to, batch::entry x) {
                                    ++taken;
                                    inbound_.add(to, std::move(x));
                                  });
  auto refused = msg.count - std::min(taken, msg.count);
  if (!is_whole) {
    actors::add(counters_->lost, refused);
    log_limited(log_level::error, {.category = "cluster"},
                "node " + node_ + " sent a malformed batch");
  } else if (refused > 0) {
    refuse_text(refused);
  }
  say_arrivals();
}

void bridge_actor::say_arrivals() {
  for (auto& x : inbound_.take_ready())
    send(registry_, std::move(x));
  if (inbound_.done() != told_done_) {
    told_done_ = inbound_.done();
    send(peer_, wire_batch_done{told_done_});
  }
}

void bridge_actor::settle(uint64_t ticket) {
  inbound_.settle(ticket);
  say_arrivals();
}

void bridge_actor::on_answer(const answer& msg) {
  if (is_sound(msg.what)) {
    questions_.finish(msg);
    return;
  }
  refuse_text(1);
  questions_.finish(
    {msg.number,
     {},
     make_error(errc::no_answer,
                "the response contains text that is not UTF-8")});
}

void bridge_actor::hear(const event_report& msg) {
  if (msg.round != wanted_round_)
    return;
  if (is_sound(msg.what)) {
    send(registry_, remote_event{msg.what, msg.round});
    return;
  }
  refuse_text(1);
  if (!msg.what.match_elements<msg::connection_down>())
    return;
  // That it is gone matters more than why.
  auto down = msg.what.get_as<msg::connection_down>(0);
  down.reason.clear();
  send(registry_, remote_event{caf::make_message(std::move(down)), msg.round});
}

/// What came is not passed on: its text is not UTF-8.
void bridge_actor::refuse_text(uint64_t messages) {
  actors::add(counters_->lost, messages);
  log_limited(log_level::error, {.category = "cluster"},
              "node " + node_ + " sent text that is not UTF-8: refused "
                + in_words(messages));
}

void bridge_actor::refuse_names(uint64_t count) {
  actors::add(counters_->lost, count);
  log_limited(log_level::error, {.category = "cluster"},
              "node " + node_ + " sent invalid names of rooms or ids: "
                + "refused " + std::to_string(count));
}

void bridge_actor::learn(const interest_update& msg) {
  if (!peer_) {
    // The registry does not know us yet.
    is_interest_missed_ = true;
    return;
  }
  auto news = foreign_.read(msg);
  if (!news) {
    send(peer_, resync{});
    return;
  }
  if (news->refused > 0)
    refuse_names(news->refused);
  for (auto& room : news->vacated)
    send(registry_, remote_room_populated{std::move(room), false});
  for (auto& room : news->populated)
    send(registry_, remote_room_populated{std::move(room), true});
  for (auto& id : news->freed)
    send(registry_, id_freed{std::move(id)});
  for (auto& x : news->held)
    send(registry_, id_held{std::move(x)});
}

void bridge_actor::look_up(const question& msg) {
  if (!answers_.begin()) {
    add_one(counters_->questions_refused);
    return;
  }
  const auto& what = msg.what;
  if (!is_sound(what)) {
    refuse_text(1);
    give({msg.number, {}, make_error(errc::invalid_value, "not UTF-8")});
    return;
  }
  if (what.match_elements<msg::total_connections>())
    ask<uint64_t>(msg);
  else if (what.match_elements<msg::connections>()
           || what.match_elements<msg::connections_by_room>())
    ask<std::vector<connection_info>>(msg);
  else if (what.match_elements<msg::connection>())
    ask<connection_info>(msg);
  else if (what.match_elements<msg::is_connected>() || answers_bool(what)
           || (what.match_elements<forward_local>()
               && answers_bool(what.get_as<forward_local>(0).what)))
    ask<bool>(msg);
  else
    ask<void>(msg);
}

template <class T>
void bridge_actor::ask(const question& msg) {
  auto number = msg.number;
  auto response = request(registry_, answer_patience, msg.what);
  auto failed = [this, number](caf::error& err) {
    give({number, {}, std::move(err)});
  };
  if constexpr (std::is_void_v<T>)
    response.then([this, number] { give({number, {}, {}}); }, failed);
  else
    response.then(
      [this, number](const T& x) {
        give({number, caf::make_message(x), {}});
      },
      failed);
}

void bridge_actor::give(answer x) {
  if (!answers_.add(std::move(x)))
    add_one(counters_->questions_refused);
  send_control();
}

void bridge_actor::taken() {
  ++taken_;
  acknowledge();
}

/// Tells the other node what is read, here and by the registry, so that it does
/// not wait in a mailbox either. One fence at a time: the slower the registry,
/// the more its answer stands for.
void bridge_actor::acknowledge() {
  if (!peer_ || taken_ == told_taken_ || std::exchange(is_acknowledging_, true))
    return;
  request(registry_, caf::infinite, fence{}).then([this, count = taken_] {
    is_acknowledging_ = false;
    told_taken_ = count;
    send(peer_, control_done{count});
    acknowledge();
  });
}

} // namespace troupe::actors
