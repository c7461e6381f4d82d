#include "actors/outbox.hpp"

#include "actors/registry.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace troupe::actors {

namespace {

/// Joins are confirmed by `joined`, messages if asked for; a leave or the end
/// is heard by nobody who could hear anything else from us.
bool wants_confirmation(const outbox::item& x) {
  return std::holds_alternative<publish>(x) || std::holds_alternative<join>(x);
}

const std::string& name_in(const outbox::item& x) {
  static const std::string none;
  if (auto* msg = std::get_if<publish>(&x))
    return msg->to;
  if (auto* msg = std::get_if<join>(&x))
    return msg->room;
  if (auto* msg = std::get_if<leave>(&x))
    return msg->room;
  return none;
}

} // namespace

outbox::outbox(caf::event_based_actor* owner, receiver* direct,
               caf::actor registry, to_client f)
  : owner_(owner),
    owner_direct_(direct),
    registry_(std::move(registry)),
    to_everyone_(short_way_to<gatherer>(registry_)),
    to_client_(f) {
}

void outbox::to_self(own_item&& what) {
  // Straight on if it can: an echo does nothing but this.
  if (leads_to_self()) {
    current_ = {};
    to_client_(owner_, what);
  } else {
    submit({nullptr, nullptr, std::move(what)});
  }
}

void outbox::confirmed(uint32_t count) {
  unconfirmed_ -= std::min(count, unconfirmed_);
  send_waiting();
}

void outbox::forget(const caf::actor& room, const std::string& name) {
  // The registry without a name is the way to everybody.
  auto is_direct = room != registry_ && current_ == path{room, {}};
  if (is_direct || current_ == path{registry_, name}) {
    unconfirmed_ = 0;
    send_waiting();
  }
}

size_t outbox::size_of(const parcel& x) {
  const frame* message = nullptr;
  if (auto* own = std::get_if<own_item>(&x.what))
    message = std::get_if<frame>(own);
  else if (auto* msg = std::get_if<publish>(&std::get<item>(x.what)))
    message = &msg->message;
  return overhead + (message != nullptr ? message->payload().size() : 0);
}

outbox::path outbox::path_of(const parcel& x) const {
  if (x.to && x.to == registry_)
    return {x.to, name_in(std::get<item>(x.what))};
  return {x.to, {}};
}

void outbox::submit(parcel&& x) {
  auto p = path_of(x);
  if (waiting_.empty() && may_go(p)) {
    dispatch(std::move(p), x);
  } else {
    waiting_bytes_ += size_of(x);
    waiting_.push_back(std::move(x));
  }
}

bool outbox::may_go(const path& p) const {
  return unconfirmed_ == 0 || p == current_;
}

void outbox::dispatch(path p, parcel& x) {
  current_ = std::move(p);
  if (auto* own = std::get_if<own_item>(&x.what)) {
    to_client_(owner_, *own);
    return;
  }
  auto& what = std::get<item>(x.what);
  if (wants_confirmation(what))
    ++unconfirmed_;
  if (goes_short_way(x))
    return;
  std::visit(
    [&](auto& msg) {
      using type = std::decay_t<decltype(msg)>;
      if constexpr (std::is_same_v<type, close_info>)
        owner_->send(x.to, delist{std::move(msg)});
      else
        owner_->send(x.to, std::move(msg));
    },
    what);
}

/// @returns whether it has gone.
bool outbox::goes_short_way(const parcel& x) const {
  auto* msg = std::get_if<publish>(&std::get<item>(x.what));
  return msg != nullptr && x.direct != nullptr
         && x.direct->take(*msg, owner_->ctrl(), owner_direct_);
}

void outbox::abandon(const caf::error& why) {
  waiting_bytes_ = 0;
  for (auto& x : std::exchange(waiting_, {}))
    if (auto* own = std::get_if<own_item>(&x.what))
      if (auto* f = std::get_if<callback>(own))
        (*f)(why);
}

void outbox::send_waiting() {
  while (!waiting_.empty()) {
    auto p = path_of(waiting_.front());
    if (!may_go(p))
      return;
    auto x = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= size_of(x);
    dispatch(std::move(p), x);
  }
}

} // namespace troupe::actors
