#include "actors/connection_actor.hpp"

#include "base/guarded.hpp"
#include "troupe/codec.hpp"
#include "troupe/log.hpp"

#include <caf/sec.hpp>

namespace troupe::actors {

connection_actor::connection_actor(caf::actor_config& cfg, event_loop* at,
                                   std::shared_ptr<server_core> core,
                                   std::string id, troupe::request req,
                                   std::shared_ptr<lower_layer> socket,
                                   reading begins)
  : pinned_actor(cfg, at),
    core_(std::move(core)),
    id_(std::move(id)),
    request_(std::move(req)),
    socket_(std::move(socket)),
    facade_(*this),
    outbox_(this, this, core_->registry,
            [](caf::event_based_actor* self, outbound_sequencer::own_item& x) {
              static_cast<connection_actor*>(self)->to_client(x);
            }),
    begins_(begins) {
  set_exit_handler([this](const caf::exit_msg&) {
    disconnect_client(close_code::going_away, "");
  });
}

caf::behavior connection_actor::make_behavior() {
  return begins_ == reading::at_once ? enlist_and_read() : await_socket();
}

/// Asks to be taken in; from then on hears all messages.
caf::behavior connection_actor::enlist_and_read() {
  core_->present.enter();
  phase_ = phase::enlisting;
  set_default_handler(
    [this](caf::scheduled_actor*,
           caf::message_view& x) -> caf::result<caf::message> {
      dispatch_actor_message(x.move_content_to_message());
      return caf::message{};
    });
  // A request, since the registry may be gone: no answer is an error then.
  request(core_->registry, caf::infinite,
          enlist{id_,
                 core_->settings.on_id_conflict == id_conflict::replace_old})
    .then([this](const enlisted&) { begin(); },
          [this](const caf::error& err) { refuse(err); });
  return message_table();
}

void connection_actor::on_exit() {
  let_go_of_rooms();
  // Users' handlers and values may hold handles to us, and promises do.
  handlers_ = {};
  values_.reset();
  early_.reset();
  outbox_.abandon(make_error(errc::already_disconnected, id_));
  // Does nothing after an end in good order.
  socket_->close(close_code::going_away, "");
  // Here, on the socket's thread: whoever lets go of our last handle, and so
  // destroys us, may be on another one.
  socket_.reset();
  if (std::exchange(phase_, phase::ended) != phase::waiting)
    core_->present.leave();
}

/// After an end in good order there are none.
void connection_actor::let_go_of_rooms() {
  rooms_.release(
    [this](const std::string& name, const room_memberships::route& way) {
      if (way.room)
        way.direct->let_go(id());
      else if (!is_unreachable())
        send(core_->registry,
             troupe::leave{name, caf::actor_cast<caf::actor>(this)});
    });
}

bool connection_actor::try_deliver(const batch& messages) {
  if (phase_ == phase::waiting || !(idle_here() || awaits_here()))
    return false;
  try {
    deliver_to_client(messages);
  } catch (...) {
    delivery_failed();
  }
  return true;
}

/// In a catch clause. Out of line: what it needs would cost each delivery.
[[gnu::noinline]] void connection_actor::delivery_failed() {
  act([this] { break_down(); });
}

bool connection_actor::try_confirm(confirmed msg) {
  if (!idle_here())
    return false;
  act_safely([&] { on_confirmed(msg); });
  return true;
}

// -- from the socket ----------------------------------------------------------

bool connection_actor::read_here(const frame& message) {
  if (phase_ != phase::open || !idle_here())
    return false;
  act_safely([&] { read(message); });
  return true;
}

/// Everything else waits meanwhile.
caf::behavior connection_actor::await_socket() {
  set_default_handler(caf::skip);
  return {
    [this](socket_open) {
      if (is_ending_) // Somebody ended us before we began.
        quit();
      else
        become(enlist_and_read());
    },
    [this](const inbound_end&) { quit(); },
  };
}

void connection_actor::refuse(const caf::error& reason) {
  phase_ = phase::closing;
  is_ending_ = true;
  add_one(core_->stats.ids_refused);
  log_limited(log_level::info, {"connection", id_, request_.remote_address()},
              request_.remote_address() + ": refused, " + what(reason));
  // Without a category of ours it is the registry that is gone.
  auto is_ours = reason == errc::id_taken || reason == errc::invalid_id;
  socket_->close(is_ours ? close_code::policy_violation
                         : close_code::going_away,
                 is_ours ? what(reason) : "");
  quit();
}

void connection_actor::begin() {
  add_one(core_->stats.connections_opened);
  phase_ = phase::open;
  auto is_welcome = welcome();
  auto came = early_ ? std::move(*early_) : early{};
  early_.reset();
  if (is_welcome)
    for (const auto& msg : came.runs)
      run(msg);
  if (came.end)
    end(*came.end, phase::closed);
  else if (is_welcome)
    start();
}

/// Calls those who wait for connections. One that throws may be the one that
/// checks who this is: then nobody gets past it.
bool connection_actor::welcome() {
  auto list = core_->on_connection();
  for (const auto& f : *list)
    if (!guarded([&] { f(facade_); })) {
      disconnect_client(close_code::internal_error, "");
      return false;
    }
  return true;
}

connection_actor::early& connection_actor::come_early() {
  if (!early_)
    early_ = std::make_unique<early>();
  return *early_;
}

void connection_actor::run(const run_inside& msg) {
  if (phase_ == phase::enlisting)
    come_early().runs.push_back(msg);
  else if (phase_ == phase::open)
    guarded([&] { msg.f(facade_); });
}

void connection_actor::on_socket_end(const close_info& how) {
  if (phase_ == phase::enlisting)
    come_early().end = how;
  else if (phase_ == phase::open)
    end(how, phase::closed);
  else if (phase_ == phase::closing)
    phase_ = phase::closed;
  quit_when_done();
}

void connection_actor::start() {
  if (phase_ == phase::open && begins_ == reading::at_once)
    socket_->grant(core_->settings.inbound_credit);
}

void connection_actor::read(const frame& message) {
  if (phase_ != phase::open || is_ending_)
    return;
  add_one(core_->stats.messages_in);
  auto began = at() ? at()->clock().now() : coarse_clock::time_point{};
  if (!is_event(message.payload(), core_->settings.event_prefix)) {
    handlers_.message.for_each(
      [&](auto& f) { guarded([&] { f(facade_, message); }); });
  } else if (auto x = parse(message.payload(), core_->settings.event_prefix)) {
    dispatch(*x);
  } else {
    add_one(core_->stats.malformed_events);
    fail(x.error());
  }
  if (at())
    at()->watch(began, [&] { return describe(message); });
  ++owed_credit_;
  read_on();
}

/// Whose handler that was, for the log.
std::string connection_actor::describe(const frame& message) const {
  auto x = parse(message.payload(), core_->settings.event_prefix);
  auto what = x ? "event " + std::string{x->name} : "a message";
  return "the handler of " + what + " of connection " + id_;
}

void connection_actor::dispatch(const event_view& event) {
  bool known = false;
  handlers_.events.for_each([&](auto& entry) {
    if (entry.first != event.name)
      return;
    known = true;
    guarded([&] {
      if (auto err = entry.second(facade_, event)) {
        add_one(core_->stats.unfit_values);
        fail(err);
      }
    });
  });
  if (known)
    return;
  add_one(core_->stats.unknown_events);
  log_once("unknown event " + std::string{event.name});
}

void connection_actor::read_control(const inbound_control& msg) {
  if (phase_ != phase::open)
    return;
  auto& list = msg.is_pong ? handlers_.pong : handlers_.ping;
  list.for_each([&](auto& f) { guarded([&] { f(facade_, msg.payload); }); });
  ++owed_credit_;
  read_on();
}

void connection_actor::read_overflow(const inbound_overflow& msg) {
  add(core_->stats.messages_dropped, msg.dropped);
  add(core_->stats.messages_conflated, msg.conflated);
  if (phase_ == phase::open && msg.dropped > 0)
    fail(make_error(errc::messages_dropped, std::to_string(msg.dropped)));
}

/// Rooms had more for this thread than may wait for it.
void connection_actor::on_missed(uint64_t count) {
  if (core_->settings.on_overflow == overflow::disconnect)
    disconnect_client(close_code::try_again_later, "slow receiver",
                      make_error(errc::slow_receiver));
  else
    read_overflow({count, 0});
}

void connection_actor::read_on() {
  // A client whose messages pile up in front of rooms rests meanwhile.
  if (owed_credit_ == 0 || outbox_.congested())
    return;
  socket_->grant(owed_credit_);
  owed_credit_ = 0;
}

// -- from actors --------------------------------------------------------------

void connection_actor::deliver_to_client(const batch& messages) {
  messages.for_each_slice(id(), [this](const slice& x) { socket_->send(x); });
}

void connection_actor::dispatch_actor_message(const caf::message& msg) {
  if (phase_ != phase::open)
    return;
  handlers_.actor.for_each([&](auto& f) { guarded([&] { f(facade_, msg); }); });
}

void connection_actor::on_confirmed(const confirmed& what) {
  outbox_.confirmed(what);
  read_on();
  quit_when_done();
}

// -- helpers ------------------------------------------------------------------

void connection_actor::run_on_leave(const std::string& room) {
  handlers_.leave.for_each(
    [&](auto& f) { guarded([&] { f(facade_, room); }); });
}

void connection_actor::to_client(outbound_sequencer::own_item& x) {
  if (auto* message = std::get_if<frame>(&x))
    socket_->send(message->wire());
  else if (auto* control = std::get_if<slice>(&x))
    socket_->send(*control);
  else if (auto* msg = std::get_if<disconnect>(&x))
    socket_->close(msg->code, msg->reason);
  else if (auto* f = std::get_if<outbound_sequencer::callback>(&x))
    (*f)({});
}

/// @param next  closed if the socket has ended, else closing.
void connection_actor::end(const close_info& how, phase next) {
  phase_ = next;
  is_ending_ = true;
  add_one(core_->stats.connections_closed);
  if (how.cause == errc::slow_receiver)
    add_one(core_->stats.slow_receivers);
  err_ = how.cause;
  down_reason_ = to_down_reason(how);
  if (how.cause)
    tell_error(how.cause); // The socket has logged it.
  leave_rooms();
  handlers_.disconnect.for_each(
    [&](auto& f) { guarded([&] { f(facade_, how); }); });
  outbox_.send(how);
  quit_when_done();
}

void connection_actor::end_at_once() {
  if (phase_ == phase::open)
    end({close_code::going_away, "the server stops", false, {}},
        phase::closing);
  quit(down_reason_);
}

void connection_actor::quit_when_done() {
  // Not before the socket: who waits for our end wants the client to have had
  // all that was sent.
  if (phase_ == phase::closed && outbox_.empty())
    quit(down_reason_);
}

void connection_actor::fail(const caf::error& err) {
  log_once(what(err));
  tell_error(err);
}

void connection_actor::log_once(const std::string& line) {
  // A hostile client must not fill the log.
  if (!std::exchange(logged_, true))
    log_limited(log_level::info, {"connection", id_, request_.remote_address()},
                id_ + " (" + request_.remote_address() + "): " + line);
}

void connection_actor::tell_error(const caf::error& err) {
  handlers_.error.for_each([&](auto& f) {
    try {
      f(facade_, err);
    } catch (...) {
      add_one(core_->stats.handler_failures);
    }
  });
}

template <class F>
bool connection_actor::guarded(F f) {
  try {
    f();
    return true;
  } catch (...) {
    handler_failed();
    return false;
  }
}

/// In a catch clause: it was a user's code that threw.
void connection_actor::handler_failed() noexcept {
  add_one(core_->stats.handler_failures);
  try {
    fail(make_error(errc::handler_failed, exception_text()));
  } catch (...) {
    // It is counted; there is nothing left to say it with.
  }
}

/// In a catch clause: it was our own code that threw. A client that may have
/// missed something is better off with a new connection.
void connection_actor::break_down() {
  log_once("ended by an exception: " + exception_text());
  if (phase_ == phase::open)
    disconnect_client(close_code::internal_error, "");
  else
    quit(caf::sec::runtime_error);
}

template <class F>
void connection_actor::act_safely(F f) {
  act([&] {
    run_mark mark{this};
    begin_callback();
    try {
      f();
    } catch (...) {
      break_down();
    }
    keep_behavior();
  });
}

/// A handler may have called `become` on us, after which we would be deaf.
void connection_actor::keep_behavior() {
  if (phase_ == phase::waiting || getf(is_shutting_down_flag))
    return;
  auto& ours = message_table().as_behavior_impl();
  if (!bhvr_stack_.empty() && bhvr_stack_.back().as_behavior_impl() == ours)
    return;
  bhvr_stack_.clear();
  become(message_table());
}

} // namespace troupe::actors
