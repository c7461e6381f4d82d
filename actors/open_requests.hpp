#pragma once

#include "troupe/reply_handler.hpp"

#include <caf/actor_clock.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>

namespace troupe::actors {

/// Requests to a client that have no outcome yet.
class open_requests {
public:
  using result = detail::answer_view;

  using callback = std::function<void(const result&)>;

  using time_point = caf::actor_clock::time_point;

  size_t size() const noexcept {
    return waiting_.size();
  }

  /// Returns when the time of the first request is over; the maximum if there
  /// is none.
  time_point first_end() const noexcept;

  /// Adds a request.
  /// @param end  when its time is over.
  /// @returns its id.
  uint64_t add(callback f, time_point end);

  /// Passes the outcome of the request `id` to its callback. Ignored if there
  /// is no such request: the answer comes late.
  void settle(uint64_t id, const result& x);

  /// Passes `why` to the callbacks of requests whose time is over.
  void settle_late(time_point now, const refusal& why);

  /// Passes `why` to all callbacks.
  void settle_all(const refusal& why);

private:
  struct entry {
    callback give;
    time_point end;
  };

  std::map<uint64_t, entry> waiting_;
  uint64_t last_id_ = 0;
};

} // namespace troupe::actors
