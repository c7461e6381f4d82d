#include "actors/cluster/open_questions.hpp"

#include "actors/cluster/control_window.hpp"
#include "troupe/error.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

open_questions::open_questions(std::shared_ptr<bridge_counters> counters)
  : counters_(std::move(counters)),
    share_(counters_->questions, most_bytes) {
}

bool open_questions::add(const caf::message& what,
                         const caf::response_promise& asker) {
  auto size = std::max(size_of(question{0, what}), least_size);
  if (size > control_window::largest_message
      || (!share_.try_hold(bytes_ + size) && bytes_ > 0))
    return false;
  bytes_ += size;
  share_.hold(bytes_);
  asked_.emplace(++last_number_, entry{what, asker, size});
  return true;
}

std::optional<question> open_questions::next() {
  // Not `last_sent_ + 1`, which may have been given up before it was sent.
  auto i = asked_.upper_bound(last_sent_);
  if (i == asked_.end())
    return {};
  last_sent_ = i->first;
  return question{i->first, std::exchange(i->second.what, {})};
}

void open_questions::finish(const answer& msg) {
  auto i = asked_.find(msg.number);
  if (i == asked_.end())
    return;
  auto asker = take(i).asker;
  if (msg.failure)
    asker.deliver(msg.failure);
  else
    asker.deliver(msg.what);
}

void open_questions::tick() {
  for (auto& [number, x] : asked_)
    ++x.age;
  while (!asked_.empty() && asked_.begin()->second.age >= patience)
    take(asked_.begin()).asker.deliver(make_error(errc::no_answer));
}

void open_questions::abandon() {
  asked_.clear();
  share_.leave();
}

open_questions::entry open_questions::take(map::iterator i) {
  auto result = std::move(i->second);
  bytes_ -= result.size;
  share_.hold(bytes_);
  asked_.erase(i);
  return result;
}

} // namespace troupe::actors
