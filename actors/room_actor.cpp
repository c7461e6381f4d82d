#include "actors/room_actor.hpp"

#include <utility>

namespace troupe::actors {

room_actor::room_actor(caf::actor_config& cfg, event_loop* at,
                       std::shared_ptr<server_core> core, std::string name,
                       caf::actor registry, relay_list relays)
  : runtime_actor(cfg, at),
    name_(std::move(name)),
    registry_(std::move(registry)),
    members_(this, std::move(core), std::move(relays), name_) {
}

caf::behavior room_actor::make_behavior() {
  return {
    [this](const msg::publish& msg) {
      members_.try_publish(msg, current_sender(), nullptr);
    },
    [this](turn_end) { members_.flush(); },
    [this](const relayed& msg) {
      members_.on_relayed(msg);
      quit_if_done();
    },
    // The registry manages membership.
    [this](const msg::join& msg) { pass_on(msg); },
    [this](const msg::leave& msg) { pass_on(msg); },
    [this](const removed_listener& msg) {
      send(registry_, removed{name_, msg.who});
      report_if_vacant();
    },
    [this](msg::members) { return members_.handles(); },
    [this](retire) {
      // Messages that were published meanwhile have to be confirmed first.
      retired_ = true;
      members_.flush();
      quit_if_done();
    },
    // Does not wait for the relays, which may terminate as well.
    [this](dismiss) {
      members_.flush();
      quit();
    },
  };
}

caf::invoke_message_result room_actor::consume(caf::mailbox_element& x) {
  if (!x.mid.is_response())
    return runtime_actor::consume(x);
  members_.on_read(x.mid.request_id().integer_value());
  return caf::invoke_message_result::consumed;
}

void room_actor::on_exit() {
  auto who = members_.handles();
  auto observers = members_.observers();
  who.insert(who.end(), observers.begin(), observers.end());
  members_.clear(); // Breaks the cycle of handles between room and members.
  if (is_unreachable())
    return;
  for (const auto& x : who)
    send(x, msg::room_down{name_});
}

bool room_actor::let_go(caf::actor_id who) {
  if (!members_.let_go(who))
    return false;
  report_if_vacant();
  return true;
}

/// Called on any thread.
void room_actor::report_if_vacant() {
  if (members_.size() == 0)
    registry_->enqueue(caf::make_mailbox_element(ctrl(), caf::make_message_id(),
                                                 {}, vacant{name_}),
                       event_loop::current());
}

/// Delegates `msg` to the registry, whose response goes to the sender.
template <class T>
void room_actor::pass_on(const T& msg) {
  auto& mid = current_mailbox_element()->mid;
  auto who = msg.who ? msg.who : caf::actor_cast<caf::actor>(current_sender());
  auto same = msg;
  same.room = name_;
  same.who = std::move(who);
  registry_->enqueue(caf::make_mailbox_element(current_sender(), mid, {},
                                               std::move(same)),
                     context());
  mid.mark_as_answered();
}

void room_actor::quit_if_done() {
  if (retired_ && members_.settled())
    quit();
}

} // namespace troupe::actors
