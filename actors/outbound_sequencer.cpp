#include "actors/outbound_sequencer.hpp"

#include "actors/registry_actor.hpp"

#include <utility>

namespace troupe::actors {

outbound_sequencer::outbound_sequencer(caf::event_based_actor* owner,
                                       direct_receiver* direct,
                                       caf::actor registry, to_client f)
  : owner_(owner),
    owner_direct_(direct),
    registry_(std::move(registry)),
    to_everyone_(fast_path_to<direct_channel>(registry_)),
    to_client_(f) {
}

void outbound_sequencer::to_self(own_item&& what) {
  // Directly if possible, since an echo server does nothing else.
  if (leads_to_self())
    to_client_(owner_, what);
  else
    submit({nullptr, nullptr, std::move(what)});
}

void outbound_sequencer::send(item&& what) {
  auto* msg = std::get_if<msg::publish>(&what);
  is_over_ = is_over_ || std::holds_alternative<close_info>(what);
  auto is_to_everyone = msg != nullptr
                        && msg->to.what == recipient::kind::everyone;
  submit({registry_, is_to_everyone ? to_everyone_ : nullptr, std::move(what)});
}

void outbound_sequencer::confirmed(const msg::confirmed& what) {
  tickets_.close(what.first, what.last);
  send_waiting();
}

size_t outbound_sequencer::size_of(const outgoing& x) {
  const frame* message = nullptr;
  if (auto* own = std::get_if<own_item>(&x.what))
    message = std::get_if<frame>(own);
  else if (auto* msg = std::get_if<msg::publish>(&std::get<item>(x.what)))
    message = &msg->message;
  return overhead + (message != nullptr ? message->payload().size() : 0);
}

void outbound_sequencer::submit(outgoing&& x) {
  if (waiting_.empty() && may_go(x)) {
    dispatch(x);
  } else {
    waiting_bytes_ += size_of(x);
    x.number = ++last_number_;
    if (is_urgent(x) && lateness_.note(x.number))
      owner_->delayed_send(owner_, lateness::period, overdue{});
    waiting_.push_back(std::move(x));
  }
}

/// Returns whether others wait for `x`: for the end of the connection, or for a
/// room to be left.
bool outbound_sequencer::is_urgent(const outgoing& x) const {
  if (is_over_)
    return true;
  if (const auto* own = std::get_if<own_item>(&x.what))
    return std::holds_alternative<msg::disconnect>(*own);
  const auto& what = std::get<item>(x.what);
  return std::holds_alternative<msg::leave>(what);
}

bool outbound_sequencer::is_on_way(const outgoing& x) const {
  return x.to == last_to_ && x.direct == last_direct_;
}

bool outbound_sequencer::may_go(const outgoing& x) const {
  if (tickets_.open() == 0)
    return true;
  auto is_by_name = x.to && x.direct == nullptr;
  auto was_by_name = last_direct_ == nullptr;
  return is_by_name || (x.to && !was_by_name);
}

void outbound_sequencer::dispatch(outgoing& x) {
  if (last_direct_ != nullptr && !is_on_way(x))
    last_direct_->flush();
  if (auto* own = std::get_if<own_item>(&x.what)) {
    to_client_(owner_, *own);
    return;
  }
  last_to_ = x.to;
  last_direct_ = x.direct;
  std::visit([&](auto& msg) { dispatch(x, msg); }, std::get<item>(x.what));
}

void outbound_sequencer::dispatch(outgoing& x, msg::publish& msg) {
  msg.ticket = tickets_.issue();
  if (x.direct == nullptr)
    owner_->send(x.to, std::move(msg));
  else if (!x.direct->try_publish(msg, owner_->ctrl(), owner_direct_))
    tickets_.close(msg.ticket, msg.ticket); // The room has ended.
}

void outbound_sequencer::dispatch(outgoing& x, msg::join& msg) {
  msg.ticket = tickets_.issue();
  owner_->send(x.to, std::move(msg));
}

void outbound_sequencer::dispatch(outgoing& x, msg::leave& msg) {
  if (x.direct != nullptr)
    x.direct->let_go(owner_->id());
  else
    owner_->send(x.to, std::move(msg));
}

void outbound_sequencer::dispatch(outgoing& x, close_info& msg) {
  owner_->send(x.to, delist{std::move(msg)});
}

void outbound_sequencer::abandon(const caf::error& why) {
  waiting_bytes_ = 0;
  last_to_ = nullptr;
  last_direct_ = nullptr;
  for (auto& x : std::exchange(waiting_, {})) {
    if (auto* own = std::get_if<own_item>(&x.what)) {
      if (auto* f = std::get_if<callback>(own))
        (*f)(why);
    } else if (auto* msg = std::get_if<msg::leave>(&std::get<item>(x.what))) {
      dispatch(x, *msg); // Else the room would keep this connection.
    }
  }
}

void outbound_sequencer::send_waiting() {
  while (!waiting_.empty() && may_go(waiting_.front())) {
    auto x = next_waiting();
    dispatch(x);
  }
}

void outbound_sequencer::give_up_waiting() {
  if (lateness_.tick(!waiting_.empty()))
    owner_->delayed_send(owner_, lateness::period, overdue{});
  while (!waiting_.empty() && waiting_.front().number <= lateness_.late()) {
    auto x = next_waiting();
    auto* own = std::get_if<own_item>(&x.what);
    if (auto* f = own != nullptr ? std::get_if<callback>(own) : nullptr)
      (*f)(make_error(errc::no_answer));
    else
      dispatch(x);
  }
  send_waiting();
}

outbound_sequencer::outgoing outbound_sequencer::next_waiting() {
  auto x = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= size_of(x);
  return x;
}

} // namespace troupe::actors
