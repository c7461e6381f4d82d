#include "actors/name_router.hpp"

#include "actors/room_actor.hpp"
#include "troupe/id.hpp"

#include <utility>

namespace troupe::actors {

name_router::name_router(pinned_actor* owner, relay_list relays,
                         fan_out& everyone, const connection_table& connections,
                         const room_table& rooms, const remote_nodes& nodes)
  : owner_(owner),
    relays_(std::move(relays)),
    everyone_(everyone),
    connections_(connections),
    rooms_(rooms),
    remote_nodes_(nodes) {
}

caf::actor name_router::self() const {
  return caf::actor_cast<caf::actor>(owner_);
}

// -- messages -----------------------------------------------------------------

void name_router::route(const msg::publish& msg) {
  using kind = recipient::kind;
  const auto& [what, name, skip_sender] = msg.to;
  const auto& from = owner_->current_sender();
  if (what == kind::everyone) {
    keep_order(self(), &everyone_);
    everyone_.try_publish(msg, from, nullptr);
    return;
  }
  if (what != kind::room) {
    if (auto* to = connections_.find(name)) {
      if (!skip_sender || *to != from)
        emit_to(*to, msg);
      else
        confirm(msg.ticket);
      return;
    }
    if (auto* remote = remote_nodes_.node_of_connection(name)) {
      keep_order(nullptr, nullptr);
      forward(remote->bridge, caf::make_message(msg));
      confirm(msg.ticket);
      return;
    }
  }
  auto* room = what != kind::connection ? rooms_.find(name) : nullptr;
  if (room != nullptr) {
    keep_order(room->handle, room->direct);
    if (!room->direct->try_publish(msg, from, nullptr))
      confirm(msg.ticket);
    return;
  }
  confirm(msg.ticket);
}

/// The bridge receives `confirmed` from the receivers, or from here if there
/// are none.
void name_router::route(arrival& msg) {
  auto bridge = owner_->current_sender();
  auto ticket = msg.ticket;
  if (remote_nodes_.is_replaced(caf::actor_cast<caf::actor_addr>(bridge))) {
    owner_->send(caf::actor_cast<caf::actor>(bridge), arrival_refused{ticket});
    return;
  }
  using kind = recipient::kind;
  const auto& [what, name, skip_sender] = msg.to;
  auto is_taken = false;
  if (what == kind::everyone) {
    keep_order(msg, self(), &everyone_);
    is_taken = everyone_.try_publish(std::move(msg), bridge);
  } else if (what == kind::room) {
    if (auto* room = rooms_.find(name)) {
      keep_order(msg, room->handle, room->direct);
      is_taken = room->direct->members().try_publish(std::move(msg), bridge);
    }
  } else if (auto* to = connections_.find(name)) {
    keep_order(msg, nullptr, nullptr);
    for (const auto& x : msg.messages) {
      auto is_last = &x == &msg.messages.back();
      post({.to = *to,
            .from = nullptr,
            .what = caf::make_message(msg::emit{x.message}),
            .sender = x.from,
            .asks = is_last ? bridge : nullptr,
            .ticket = ticket});
    }
    is_taken = true;
  }
  if (!is_taken)
    confirm(ticket);
}

void name_router::send_off() {
  everyone_.flush();
  order_.send_off();
}

void name_router::emit_to(const caf::actor& whom, const msg::publish& msg) {
  keep_order(nullptr, nullptr);
  const auto& from = owner_->current_sender();
  post({.to = whom,
        .from = from,
        .what = caf::make_message(msg::emit{msg.message}),
        .sender = from ? from->id() : 0,
        .asks = msg.ticket != 0 ? from : nullptr,
        .ticket = msg.ticket});
}

void name_router::forward(const caf::actor& to, caf::message msg) {
  to->enqueue(caf::make_mailbox_element(owner_->current_sender(),
                                        caf::make_message_id(), {},
                                        std::move(msg)),
              owner_->context());
}

/// Delivers a letter through the relay of the connection's thread, after the
/// messages of the same sender that this relay already has.
void name_router::post(letter x) {
  auto* to = fast_path_to<pinned_actor>(x.to);
  auto* relay = to != nullptr ? relay_at(relays_, to->at()) : nullptr;
  if (relay != nullptr) {
    owner_->send(relay->handle, std::move(x));
    return;
  }
  x.to->enqueue(caf::make_mailbox_element(std::move(x.from), x.id, {},
                                          std::move(x.what)),
                owner_->context());
  if (x.asks)
    owner_->send(caf::actor_cast<caf::actor>(x.asks),
                 msg::confirmed{x.ticket, x.ticket});
}

void name_router::confirm(uint64_t ticket) {
  const auto& from = owner_->current_sender();
  if (ticket != 0 && from)
    owner_->send(caf::actor_cast<caf::actor>(from),
                 msg::confirmed{ticket, ticket});
}

// -- the order of each sender -------------------------------------------------

/// Notes that the message of the current sender goes to `where`, or is not
/// gathered if `where` is null. Its earlier messages elsewhere are sent off
/// first.
void name_router::keep_order(const caf::actor& keeps, direct_channel* where) {
  if (const auto& from = owner_->current_sender())
    keep_order(passing_order::sender{from->id(), 0}, keeps, where);
}

void name_router::keep_order(const arrival& msg, const caf::actor& keeps,
                             direct_channel* where) {
  auto bridge = owner_->current_sender()->id();
  for (const auto& x : msg.messages)
    keep_order(passing_order::sender{x.from, bridge}, keeps, where);
}

void name_router::keep_order(const passing_order::sender& who,
                             const caf::actor& keeps, direct_channel* where) {
  if (where != nullptr && order_.empty())
    request_turn_end();
  order_.note(who, keeps, where);
}

void name_router::request_turn_end() {
  if (owner_->at() != nullptr)
    owner_->at()->at_turn_end(owner_->ctrl());
  else
    owner_->send(owner_, turn_end{});
}

// -- requests -----------------------------------------------------------------

void name_router::delegate(const caf::actor& whom, const caf::message& what) {
  auto& mid = owner_->current_mailbox_element()->mid;
  const auto& from = owner_->current_sender();
  post({.to = whom,
        .from = from,
        .id = mid,
        .what = what,
        .sender = from ? from->id() : 0,
        .asks = nullptr});
  mid.mark_as_answered();
}

caf::result<caf::message> name_router::delegate(const msg::forward& msg) {
  keep_order(nullptr, nullptr);
  if (auto* to = connections_.find(msg.id)) {
    delegate(*to, msg.what);
    return caf::message{};
  }
  if (auto* x = remote_nodes_.node_of_connection(msg.id)) {
    delegate(spawn_survey(nullptr, {{x->name, x->bridge}}),
             caf::make_message(msg));
    return caf::message{};
  }
  return owner_->is_asked() ? answer_for_nobody(msg) : caf::message{};
}

caf::result<caf::message>
name_router::delegate_local(const forward_local& msg) {
  if (auto* to = connections_.find(msg.id)) {
    delegate(*to, msg.what);
    return caf::message{};
  }
  return make_error(errc::no_such_name, msg.id);
}

caf::result<caf::message>
name_router::delegate_to_node_of(const caf::actor& who,
                                 const caf::message& what) {
  auto name = node_name(who.node());
  auto* node = remote_nodes_.find_by_name(name);
  if (node == nullptr)
    return make_error(errc::no_such_node, name);
  delegate(node->bridge, caf::make_message(ask_remote{what}));
  return caf::message{};
}

void name_router::delegate(const msg::survey& msg) {
  node_list others;
  for (const auto& x : remote_nodes_)
    others.push_back({x.name, x.bridge});
  delegate(spawn_survey(self(), std::move(others)), caf::make_message(msg));
}

/// @param local the registry of this node; null if it is not asked.
caf::actor name_router::spawn_survey(caf::actor local, node_list others) {
  auto& sys = owner_->system();
  return spawn_pinned<survey_actor>(sys, owner_->at(), std::move(local),
                                    node_name(sys.node()), std::move(others));
}

} // namespace troupe::actors
