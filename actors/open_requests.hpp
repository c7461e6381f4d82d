#pragma once

#include "troupe/reply_handler.hpp"

#include <caf/actor_clock.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace troupe::actors {

/// Sent by an actor to itself: the time for a request may be over.
struct request_overdue {};

/// The requests of one side of a connection that have no outcome yet.
class open_requests {
public:
  using result = detail::answer_view;

  using callback = std::function<void(const result&)>;

  using time_point = caf::actor_clock::time_point;

  size_t size() const noexcept {
    return entries_.size();
  }

  /// Returns whether a request has no outcome yet.
  bool contains(uint64_t id) const {
    return entries_.contains(id);
  }

  /// Adds a request.
  /// @param end  when its time is over; by default, it has all the time.
  /// @returns its id.
  uint64_t add(callback f, time_point end = time_point::max());

  /// Notes that a request is sent.
  /// @returns false if it has an outcome already.
  bool note_sent(uint64_t id);

  /// Removes a request, which now has an outcome.
  /// @returns its callback; null if the outcome comes late.
  callback take(uint64_t id);

  /// Removes the requests whose time is over. Call when an alarm comes.
  std::vector<callback> take_late(time_point now);

  /// Removes the requests that were sent.
  std::vector<callback> take_sent();

  std::vector<callback> take_all();

  /// Returns when to call `take_late`; none if an alarm is set already. There
  /// is one alarm at a time, since the other side may cause many requests, each
  /// with a long time limit.
  std::optional<time_point> next_alarm();

private:
  struct entry {
    callback give;
    time_point end;
    bool is_sent = false;
  };

  template <class Predicate>
  std::vector<callback> take_if(Predicate is_due);

  std::map<uint64_t, entry> entries_;
  uint64_t last_id_ = 0;
  time_point first_end_ = time_point::max(); ///< No request ends earlier.
  time_point alarm_ = time_point::max();     ///< Time of the alarm that is set.
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::request_overdue)
