#include "actors/connection_actor.hpp"

#include "actors/registry_actor.hpp"
#include "actors/relay_actor.hpp"
#include "base/guarded.hpp"
#include "troupe/log.hpp"

#include <caf/sec.hpp>

namespace troupe::actors {

connection_actor::connection_actor(caf::actor_config& cfg, event_loop* at,
                                   std::shared_ptr<server_core> core,
                                   std::string id, troupe::request req,
                                   std::shared_ptr<lower_layer> socket,
                                   reading begins)
  : handler_actor(cfg, at, *this, std::move(core), std::move(id),
                  std::move(req)),
    socket_(std::move(socket)),
    actions_(*this, *this,
             [](caf::event_based_actor* self, outbound_sequencer::own_item& x) {
               static_cast<connection_actor*>(self)->to_client(x);
             }),
    begins_(begins) {
  set_exit_handler([this](const caf::exit_msg&) {
    actions_.disconnect(close_code::going_away, "");
  });
}

caf::behavior connection_actor::make_behavior() {
  return begins_ == reading::at_once ? first_steps() : await_socket();
}

/// Version 2 begins with the hello of the client. In version 1 there is none,
/// so the gate is there to authenticate clients only.
caf::behavior connection_actor::first_steps() {
  auto is_version_2 = socket_->subprotocol() == protocol2::subprotocol
                      && core().settings.enable_protocol_2;
  if (!is_version_2 && !core().authenticates())
    return enlist_and_read();
  gate_ = std::make_unique<hello_gate>(*this, *socket_, [this] { enter(); });
  if (is_version_2)
    dialogue_ = std::make_unique<actors::dialogue>(*this, actions_, *socket_,
                                                   *gate_);
  return gate_->await_client(dialogue_.get());
}

/// Called when the client is admitted.
void connection_actor::enter() {
  if (actions_.is_ending()) // An exit message has come first.
    quit();
  else
    become(enlist_and_read());
}

/// Sends `enlist` to the registry. From now on, the connection handles all
/// messages.
caf::behavior connection_actor::enlist_and_read() {
  core().present.enter();
  phase_ = phase::enlisting;
  set_default_handler(
    [this](caf::scheduled_actor*,
           caf::message_view& x) -> caf::result<caf::message> {
      dispatch_actor_message(x.move_content_to_message());
      return caf::message{};
    });
  // A request, so that a registry that has terminated causes an error.
  request(core().registry, caf::infinite,
          enlist{client_id(),
                 core().settings.on_id_conflict == id_conflict::replace_old})
    .then([this](const enlisted&) { begin(); },
          [this](const caf::error& err) { refuse(err); });
  return message_table();
}

void connection_actor::on_exit() {
  actions_.let_go_of_rooms();
  // Break cycles: promises, and possibly users' handlers and values, hold
  // handles to this actor.
  forget_handlers();
  values_.reset();
  early_.reset();
  // What waits may be a join of the client, which the dialogue answers.
  actions_.begin_end();
  actions_.abandon(make_error(errc::already_disconnected, client_id()));
  dialogue_.reset();
  gate_.reset();
  // Does nothing after a regular end.
  socket_->close(close_code::going_away, "");
  // Released here, on the socket's thread, since the actor may be destroyed on
  // another one.
  socket_.reset();
  if (std::exchange(phase_, phase::ended) != phase::waiting)
    core().present.leave();
}

bool connection_actor::try_deliver(const batch& messages,
                                   const std::string& room) {
  if (phase_ == phase::waiting || !(idle_here() || awaits_here()))
    return false;
  try {
    deliver_to_client(messages, room);
  } catch (...) {
    delivery_failed();
  }
  return true;
}

/// Called in a catch clause. Out of line, since it would slow down each
/// delivery otherwise.
[[gnu::noinline]] void connection_actor::delivery_failed() {
  act([this] { break_down(); });
}

bool connection_actor::try_confirm(msg::confirmed msg) {
  if (!idle_here())
    return false;
  act_safely([&] {
    actions_.begin_callback();
    actions_.on_confirmed(msg);
    go_on();
  });
  return true;
}

// -- messages -----------------------------------------------------------------

caf::invoke_message_result connection_actor::consume(caf::mailbox_element& x) {
  if (is_exit_of_terminated(x.content())) {
    unlink_from(x.content().get_as<caf::exit_msg>(0).source);
    actions_.disconnect(close_code::going_away, "");
    return caf::invoke_message_result::consumed;
  }
  actions_.begin_callback();
  decltype(awaited_responses_) awaited;
  if (goes_past_handlers(x))
    awaited.swap(awaited_responses_);
  auto result = handler_actor::consume(x);
  if (!awaited.empty() && !getf(is_shutting_down_flag))
    awaited_responses_.swap(awaited);
  return result;
}

/// Returns whether `x` is to be handled although a handler awaits a response.
/// Output for the client must wait in the socket's queue, which is bounded, and
/// not in the mailbox.
bool connection_actor::goes_past_handlers(const caf::mailbox_element& x) const {
  return !awaited_responses_.empty() && phase_ != phase::waiting
         && is_output(x.content());
}

/// Returns the connection whose message this thread handles.
connection_actor& connection_actor::current() noexcept {
  return static_cast<connection_actor&>(*running());
}

const caf::behavior* connection_actor::kept_behavior() const {
  return phase_ == phase::waiting ? nullptr : &message_table();
}

/// All connections share one behavior, which therefore does not capture `this`.
/// A behavior per connection would take a fifth of the memory of an idle one.
const caf::behavior& connection_actor::message_table() {
  static const caf::behavior table{
    [](const inbound& msg) { current().read(msg.message); },
    [](const msg::deliver& msg) {
      current().deliver_to_client(msg.messages, msg.room);
    },
    [](const msg::confirmed& msg) {
      current().actions_.on_confirmed(msg);
      current().go_on();
    },
    // Bypasses the outbound sequencer, which only keeps the order of what this
    // connection sends.
    [](const msg::emit& msg) { current().to_socket(msg.message); },
    [](const msg::joined& msg) {
      if (current().dialogue_)
        current().dialogue_->on_joined(msg.room);
      current().actions_.on_joined(msg);
      current().go_on();
    },
    [](const msg::join_refused& msg) {
      if (current().dialogue_)
        current().dialogue_->on_join_refused(msg.room);
      current().actions_.on_join_refused(msg);
      current().go_on();
    },
    [](const msg::join& msg) { current().actions_.answer_join(msg.room); },
    [](const msg::leave& msg) {
      auto& actions = current().actions_;
      actions.answer(caf::make_message(actions.leave(msg.room)));
    },
    [](msg::leave_all) {
      current().actions_.leave_all();
      current().actions_.answer({});
    },
    [](const msg::is_joined& msg) {
      return current().actions_.is_member(msg.room);
    },
    [](const msg::disconnect& msg) -> caf::result<void> {
      auto err = current().actions_.disconnect(msg.code, msg.reason);
      if (err && current().is_asked())
        return err;
      return caf::unit;
    },
    [](const answered& msg) { current().dialogue_->answer(msg.id, msg.what); },
    [](decided& msg) { current().gate_->take(msg); },
    [](request_overdue) { current().dialogue_->end_late_requests(); },
    [](const inbound_control& msg) { current().read_control(msg); },
    [](const inbound_overflow& msg) { current().read_overflow(msg); },
    [](const missed& msg) { current().on_missed(msg.count); },
    [](const msg::room_down& msg) {
      auto& me = current();
      me.actions_.on_room_down(msg.name, me.current_sender());
      me.go_on();
    },
    [](const run_inside& msg) { current().run(msg); },
    [](start_reading) {
      current().begins_ = reading::at_once;
      current().start();
    },
    [](const inbound_end& msg) { current().on_socket_end(msg.how); },
    [](const hang_up& msg) {
      if (current().phase_ == phase::open)
        current().end(msg.how, phase::closing);
    },
    [](outbound_sequencer::overdue) {
      current().actions_.give_up_waiting();
      current().go_on();
    },
    [](query_state) { return current().state(); },
    [](end_now) { current().end_at_once(); },
  };
  return table;
}

// -- from the socket ----------------------------------------------------------

bool connection_actor::read_here(const frame& message) {
  if (phase_ != phase::open || !idle_here())
    return false;
  act_safely([&] {
    actions_.begin_callback();
    read(message);
  });
  return true;
}

/// Skips all messages except for those that end this phase.
caf::behavior connection_actor::await_socket() {
  set_default_handler(caf::skip);
  return {
    [this](socket_open) {
      if (actions_.is_ending()) // An exit message has come first.
        quit();
      else
        become(first_steps());
    },
    [this](const inbound_end&) { quit(); },
  };
}

void connection_actor::refuse(const caf::error& reason) {
  phase_ = phase::closing;
  actions_.begin_end();
  add_one(core().stats.ids_refused);
  log_limited(log_level::info,
              {"connection", client_id(), req().remote_address()},
              req().remote_address() + ": refused, " + what(reason));
  // With any other error, the server stops or its registry has terminated.
  auto is_ours = reason == errc::id_taken || reason == errc::invalid_id;
  socket_->close(is_ours ? close_code::policy_violation
                         : close_code::going_away,
                 is_ours ? what(reason) : "");
  quit();
}

void connection_actor::begin() {
  add_one(core().stats.connections_opened);
  phase_ = phase::open;
  if (dialogue_)
    dialogue_->greet();
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

/// Calls on_connection. If a callback throws, the connection ends, since the
/// callback may be the one that authenticates the client.
/// @returns false if a callback has thrown.
bool connection_actor::welcome() {
  auto list = core().on_connection();
  for (const auto& f : *list)
    if (!call(f)) {
      actions_.disconnect(close_code::internal_error, "");
      return false;
    }
  return true;
}

void connection_actor::run(const run_inside& msg) {
  if (phase_ == phase::enlisting)
    come_early().runs.push_back(msg);
  else if (phase_ == phase::open && !call(msg.f) && msg.must_succeed)
    actions_.disconnect(close_code::internal_error, "");
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

void connection_actor::read(const frame& message) {
  if (phase_ != phase::open || actions_.is_ending())
    return;
  add_one(core().stats.messages_in);
  if (dialogue_)
    dialogue_->read(message);
  else
    handle(message);
  ++owed_credit_;
  read_on();
}

void connection_actor::read_control(const inbound_control& msg) {
  if (phase_ != phase::open)
    return;
  call(msg.is_pong ? handlers().pong : handlers().ping, msg.payload);
  ++owed_credit_;
  read_on();
}

void connection_actor::read_overflow(const inbound_overflow& msg) {
  add(core().stats.messages_dropped, msg.dropped);
  add(core().stats.messages_conflated, msg.conflated);
  if (phase_ == phase::open && msg.dropped > 0)
    fail(make_error(errc::messages_dropped, std::to_string(msg.dropped)));
}

/// Handles that `count` messages exceeded the backlog of this thread's relay.
void connection_actor::on_missed(uint64_t count) {
  if (core().settings.on_overflow != overflow::disconnect) {
    add(core().stats.backlog_dropped, count);
    return read_overflow({count, 0});
  }
  auto err = make_error(errc::slow_receiver);
  log_once(what(err));
  actions_.disconnect(close_code::try_again_later, "slow receiver", err);
}

void connection_actor::read_on() {
  // Reading stops while too many messages of the client are not confirmed.
  if (owed_credit_ == 0 || actions_.is_congested())
    return;
  socket_->grant(owed_credit_);
  owed_credit_ = 0;
}

// -- from actors --------------------------------------------------------------

void connection_actor::deliver_to_client(const batch& messages,
                                         const std::string& room) {
  const auto& x = dialogue_ ? dialogue_->translate(messages, room) : messages;
  x.for_each_slice(id(), [this](const slice& y) { socket_->send(y); });
}

void connection_actor::to_socket(const frame& message) {
  socket_->send(dialogue_ ? dialogue_->translate(message).wire()
                          : message.wire());
}

void connection_actor::dispatch_actor_message(const caf::message& msg) {
  if (phase_ == phase::open)
    call(handlers().actor, msg);
}

// -- helpers ------------------------------------------------------------------

void connection_actor::to_client(outbound_sequencer::own_item& x) {
  if (auto* message = std::get_if<frame>(&x))
    to_socket(*message);
  else if (auto* control = std::get_if<slice>(&x))
    socket_->send(*control);
  else if (auto* msg = std::get_if<msg::disconnect>(&x))
    socket_->close(msg->code, msg->reason);
  else if (auto* f = std::get_if<outbound_sequencer::callback>(&x))
    (*f)({});
}

/// Runs the handlers of the end and delists the connection.
/// @param next  closed if the socket has ended, else closing.
void connection_actor::end(const close_info& how, phase next) {
  phase_ = next;
  actions_.begin_end();
  add_one(core().stats.connections_closed);
  if (how.cause == errc::slow_receiver)
    add_one(core().stats.slow_receivers);
  if (how.cause == errc::rate_exceeded)
    add_one(core().stats.rates_exceeded);
  err_ = how.cause;
  down_reason_ = to_down_reason(how);
  if (how.cause)
    tell_error(how.cause); // Not `fail`: it is logged where it is found.
  actions_.leave_all();
  if (dialogue_)
    dialogue_->abandon_requests();
  call(handlers().disconnect, how);
  actions_.delist(how);
  quit_when_done();
}

void connection_actor::end_at_once() {
  if (phase_ == phase::open)
    end({close_code::going_away, "the server stops", false, {}},
        phase::closing);
  quit(down_reason_);
}

void connection_actor::quit_when_done() {
  // Not before the socket has ended: actors that wait for the end of this one
  // expect that the client has received everything.
  if (phase_ == phase::closed && actions_.is_done())
    quit(down_reason_);
}

/// Ends the connection. The client may have missed a message and can reconnect.
void connection_actor::break_down() {
  log_once("ended by an exception: " + exception_text());
  if (phase_ == phase::open)
    actions_.disconnect(close_code::internal_error, "");
  else
    quit(caf::sec::runtime_error);
}

} // namespace troupe::actors
