#include "attendance.hpp"

#include "violation.hpp"

#include <algorithm>

namespace troupe::bench {

attendance::attendance(std::uint32_t receiver, std::size_t senders)
  : receiver_{receiver},
    runs_(senders) {
}

void attendance::enter(std::uint32_t sender, std::uint32_t seq) {
  if (sender >= runs_.size())
    throw violation{name() + " got a message of " + std::to_string(sender)
                    + ", who sends it none"};
  auto& x = runs_[sender];
  if (seq == x.due && seq < x.end) {
    ++x.due;
    return;
  }
  if (auto wrong = fault_of(x, seq); !wrong.empty())
    throw violation{name() + " got message " + std::to_string(seq)
                    + " of sender " + std::to_string(sender) + wrong};
  x.due = seq + 1;
  x.may_begin = false;
  if (!is_away_)
    x.end = any;
}

/// Returns what is wrong with a message that does not continue a run; empty if
/// it may begin the next run.
std::string attendance::fault_of(const run& x, std::uint32_t seq) const {
  if (seq < x.due)
    return " twice or late";
  if (is_away_ && seq >= x.end)
    return ", sent after it had left";
  if (!x.may_begin)
    return " and awaited " + std::to_string(x.due);
  if (seq < x.earliest)
    return ", published before it joined";
  if (seq > x.latest)
    return " first and had joined before " + std::to_string(x.latest);
  return {};
}

void attendance::will_leave(std::span<const said> by_now) {
  for (auto i = std::size_t{0}; i < runs_.size(); ++i)
    owe(runs_[i], by_now[i].published);
}

void attendance::has_left(std::span<const said> by_now) {
  is_away_ = true;
  for (auto i = std::size_t{0}; i < runs_.size(); ++i) {
    auto& x = runs_[i];
    x.end = by_now[i].sent;
    // If nothing was received since the last join, the run before it is
    // complete.
    if (x.may_begin)
      x.due = std::max(x.due, x.earliest);
  }
}

void attendance::will_join(std::span<const said> by_now) {
  is_away_ = false;
  for (auto i = std::size_t{0}; i < runs_.size(); ++i) {
    auto& x = runs_[i];
    // If a run could already begin, its first message may still arrive.
    if (!x.may_begin)
      x.earliest = by_now[i].published;
    x.may_begin = true;
    x.latest = any;
  }
}

void attendance::has_joined(std::span<const said> by_now) {
  for (auto i = std::size_t{0}; i < runs_.size(); ++i)
    runs_[i].latest = by_now[i].sent;
}

void attendance::stays(std::span<const said> by_now) {
  for (auto i = std::size_t{0}; i < runs_.size(); ++i)
    owe(runs_[i], by_now[i].sent);
}

std::string attendance::missing() const {
  for (auto i = std::size_t{0}; i < runs_.size(); ++i)
    if (auto& x = runs_[i]; x.due < x.owed)
      return name() + " was in the room for " + std::to_string(x.owed)
             + " messages of sender " + std::to_string(i) + " and awaits "
             + std::to_string(x.due);
  return {};
}

/// Requires the messages below `published`, which were published while the
/// receiver was in the room.
void attendance::owe(run& x, std::uint32_t published) {
  if (!x.may_begin || published > x.latest)
    x.owed = published;
}

std::string attendance::name() const {
  return "member " + std::to_string(receiver_);
}

} // namespace troupe::bench
