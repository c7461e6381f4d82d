/// What a connection makes of the messages it gets.

#include "actors/connection_actor.hpp"

namespace troupe::actors {

namespace {

/// Whether an actor that is linked to us has ended. `kill` is an end like any
/// other then, while CAF would obey it at once.
bool is_from_a_bridge(const caf::mailbox_element& x) {
  if (x.content().type_token() != caf::make_type_token<caf::exit_msg>())
    return false;
  const auto& source = x.content().get_as<caf::exit_msg>(0).source;
  if (!source)
    return false;
  auto who = caf::actor_cast<caf::strong_actor_ptr>(source);
  return !who || who->get()->getf(caf::abstract_actor::is_terminated_flag);
}

} // namespace

caf::invoke_message_result connection_actor::consume(caf::mailbox_element& x) {
  run_mark mark{this};
  if (is_from_a_bridge(x)) {
    unlink_from(x.content().get_as<caf::exit_msg>(0).source);
    disconnect_client(close_code::going_away, "");
    return caf::invoke_message_result::consumed;
  }
  // What users have to do with an answer, a handler does: an exception of it is
  // theirs, too.
  auto is_users = x.mid.is_response();
  begin_callback();
  decltype(awaited_responses_) awaited;
  if (goes_past_handlers(x))
    awaited.swap(awaited_responses_);
  auto result = caf::invoke_message_result::consumed;
  try {
    result = pinned_actor::consume(x);
  } catch (...) {
    if (is_users)
      handler_failed();
    else
      break_down();
  }
  if (!awaited.empty() && !getf(is_shutting_down_flag))
    awaited_responses_.swap(awaited);
  keep_behavior();
  return result;
}

/// Whether an answer is awaited and `x` does not concern who awaits it: what is
/// for the client waits in the socket's queue, which is bounded, not in ours.
bool connection_actor::goes_past_handlers(const caf::mailbox_element& x) const {
  if (awaited_responses_.empty() || phase_ == phase::waiting)
    return false;
  const auto& what = x.content();
  return what.match_elements<deliver>() || what.match_elements<emit>()
         || what.match_elements<confirmed>()
         || what.match_elements<outbound_sequencer::overdue>();
}

/// One for all connections, thus without a `this`: one for each would be a
/// fifth of what an idle connection costs.
const caf::behavior& connection_actor::message_table() {
  static const caf::behavior table{
    [](const inbound& msg) { running_->read(msg.message); },
    [](const deliver& msg) { running_->deliver_to_client(msg.messages); },
    [](const confirmed& msg) { running_->on_confirmed(msg); },
    // Past the outbound sequencer, which keeps the order of what we send
    // ourselves.
    [](const emit& msg) { running_->socket_->send(msg.message.wire()); },
    [](const joined& msg) { running_->on_joined(msg); },
    [](const join_refused& msg) { running_->on_join_refused(msg); },
    [](const troupe::join& msg) { running_->answer_join(msg.room); },
    [](const troupe::leave& msg) {
      running_->answer(caf::make_message(running_->leave_room(msg.room)));
    },
    [](leave_all) {
      running_->leave_rooms();
      running_->answer({});
    },
    [](const is_joined& msg) { return running_->is_member(msg.room); },
    [](const disconnect& msg) -> caf::result<void> {
      auto err = running_->disconnect_client(msg.code, msg.reason);
      if (err && running_->is_asked())
        return err;
      return caf::unit;
    },
    [](const inbound_control& msg) { running_->read_control(msg); },
    [](const inbound_overflow& msg) { running_->read_overflow(msg); },
    [](const missed& msg) { running_->on_missed(msg.count); },
    [](const room_down& msg) { running_->on_room_down(msg.name); },
    [](const run_inside& msg) { running_->run(msg); },
    [](start_reading) {
      running_->begins_ = reading::at_once;
      running_->start();
    },
    [](const inbound_end& msg) { running_->on_socket_end(msg.how); },
    [](const hang_up& msg) {
      if (running_->phase_ == phase::open)
        running_->end(msg.how, phase::closing);
    },
    [](outbound_sequencer::overdue) {
      running_->outbox_.give_up_waiting();
      running_->read_on();
      running_->quit_when_done();
    },
    [](end_now) { running_->end_at_once(); },
  };
  return table;
}

} // namespace troupe::actors
