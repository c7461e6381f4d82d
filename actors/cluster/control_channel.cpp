#include "actors/cluster/control_channel.hpp"

#include <utility>

namespace troupe::actors {

control_channel::control_channel(
  const bridge_ends& ends, const std::shared_ptr<bridge_counters>& counters)
  : ends_(ends),
    window_(counters),
    events_(counters),
    questions_(counters),
    answers_(counters) {
}

void control_channel::begin_events(uint64_t round) {
  events_.clear();
  round_ = round;
}

void control_channel::send() {
  for (auto idle = 0; ends_.peer && window_.is_open() && idle < 4;)
    idle = send_next_kind() ? 0 : idle + 1;
}

bool control_channel::send_next_kind() {
  switch (next_kind_++ % 4) {
    case 0: // Changes of one turn are sent together, as wire batches are.
      return !are_names_held_ && send_one(names_.next());
    case 1:
      return send_one(next_event());
    case 2:
      return send_one(questions_.next());
    default:
      return send_next_answer();
  }
}

std::optional<event_report> control_channel::next_event() {
  auto result = events_.next();
  if (result)
    result->round = round_;
  return result;
}

/// Sends names before an answer. The answer may report a join, and the receiver
/// of that answer must know the room.
bool control_channel::send_next_answer() {
  auto x = answers_.next();
  if (x)
    send_one(names_.next());
  return send_one(std::move(x));
}

void control_channel::send_new_ids() {
  if (names_.has_new_ids() && window_.is_open())
    send_one(names_.next());
}

template <class T>
bool control_channel::send_one(std::optional<T> x) {
  if (!x)
    return false;
  window_.sent(size_of(*x), now());
  ends_.self->send(ends_.peer, std::move(*x));
  return true;
}

void control_channel::done(uint64_t count) {
  window_.done(count, now());
  send();
}

void control_channel::tick() {
  names_.tick();
  questions_.tick();
  send();
}

void control_channel::abandon() {
  events_.abandon();
  questions_.abandon();
  answers_.abandon();
}

flow_window::time_point control_channel::now() const {
  return ends_.self->clock().now();
}

} // namespace troupe::actors
