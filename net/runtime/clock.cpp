#include "net/runtime/clock.hpp"

#include <caf/group.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>

#include <utility>

namespace troupe::net {

clock::clock(worker& event_loop)
  : timer_(std::in_place, event_loop.io().get_executor()) {
}

void clock::close() {
  // Destroyed without the lock: it may hold the last reference to an actor,
  // whose termination calls `cancel_timeouts`.
  schedule_map dropped;
  std::unique_lock guard{mutex_};
  timer_.reset();
  actor_lookup_.clear();
  dropped.swap(schedule_);
  guard.unlock();
}

// -- the timer ----------------------------------------------------------------

/// Calls `f` to change the schedule, unless the clock is closed.
template <class F>
void clock::update(F f) {
  std::unique_lock guard{mutex_};
  if (!timer_)
    return;
  f();
  arm();
}

void clock::arm() {
  // The timer is not reset when an event is canceled: at most one idle wake-up
  // is cheaper than two system calls per request with a time-out.
  if (schedule_.empty() || schedule_.begin()->first >= armed_for_)
    return;
  armed_for_ = schedule_.begin()->first;
  timer_->expires_at(armed_for_);
  timer_->async_wait([this](const boost::system::error_code& ec) {
    if (!ec)
      on_timer();
  });
}

void clock::on_timer() {
  std::unique_lock guard{mutex_};
  auto due = pop_due();
  armed_for_ = time_point::max();
  arm();
  guard.unlock();
  // Without the lock, since this calls `enqueue` of any kind of actor.
  for (auto& x : due)
    ship(*x);
}

auto clock::pop_due() -> std::vector<unique_delayed_event_ptr> {
  std::vector<unique_delayed_event_ptr> result;
  auto t = now();
  auto i = schedule_.begin();
  for (; i != schedule_.end() && i->first <= t; ++i) {
    if (i->second->backlink != actor_lookup_.end())
      actor_lookup_.erase(i->second->backlink);
    result.push_back(std::move(i->second));
  }
  schedule_.erase(schedule_.begin(), i);
  return result;
}

// -- actor_clock --------------------------------------------------------------

void clock::set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                                 caf::atom_value type, uint64_t id) {
  update([&] { super::set_ordinary_timeout(t, self, type, id); });
}

void clock::set_multi_timeout(time_point t, caf::abstract_actor* self,
                              caf::atom_value type, uint64_t id) {
  update([&] { super::set_multi_timeout(t, self, type, id); });
}

void clock::set_request_timeout(time_point t, caf::abstract_actor* self,
                                caf::message_id id) {
  update([&] { super::set_request_timeout(t, self, id); });
}

void clock::cancel_ordinary_timeout(caf::abstract_actor* self,
                                    caf::atom_value type) {
  update([&] { super::cancel_ordinary_timeout(self, type); });
}

void clock::cancel_request_timeout(caf::abstract_actor* self,
                                   caf::message_id id) {
  update([&] { super::cancel_request_timeout(self, id); });
}

void clock::cancel_timeouts(caf::abstract_actor* self) {
  update([&] { super::cancel_timeouts(self); });
}

void clock::schedule_message(time_point t, caf::strong_actor_ptr receiver,
                             caf::mailbox_element_ptr content) {
  update([&] {
    super::schedule_message(t, std::move(receiver), std::move(content));
  });
}

void clock::schedule_message(time_point t, caf::group target,
                             caf::strong_actor_ptr sender,
                             caf::message content) {
  update([&] {
    super::schedule_message(t, std::move(target), std::move(sender),
                            std::move(content));
  });
}

void clock::cancel_all() {
  schedule_map dropped; // Destroyed without the lock, as in `close`.
  update([&] {
    actor_lookup_.clear();
    dropped.swap(schedule_);
  });
}

} // namespace troupe::net
