#pragma once

#include "protocol.hpp"

#include <troupe/troupe.hpp>

#include <caf/actor.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace chat {

/// Limits the events of one guest: `burst` events at once, and `per_second` on
/// average.
class allowance {
public:
  static constexpr double burst = 40;
  static constexpr double per_second = 5;

  /// @returns whether one more event is allowed.
  bool take() noexcept;

  /// Returns the number of refused events since the last allowed one.
  int excess() const noexcept {
    return excess_;
  }

private:
  using clock = std::chrono::steady_clock;

  double left_ = burst;
  clock::time_point filled_at_ = clock::now();
  int excess_ = 0;
};

/// State of one guest, shared by the handlers of its connection, which never
/// run concurrently.
struct guest {
  caf::actor directory;
  std::string nick; ///< Empty until assigned by the directory.
  allowance events;
  std::chrono::steady_clock::time_point typed_at{};
};

using guest_ptr = std::shared_ptr<guest>;

/// Tells the page that a request was refused.
/// @param about the nickname, room or message id of the request.
void refuse(troupe::connection& c, std::string_view about, std::string reason);

/// Refuses an event that exceeds the allowance. Closes the connection if the
/// client continues.
void refuse_excess(troupe::connection& c, const guest& me,
                   std::string_view about);

/// Returns whether the guest is a member of `room` and `room` is a room for
/// guests.
bool is_in(const troupe::connection& c, const std::string& room);

inline std::string_view about(const std::string& x) {
  return x;
}

template <class T>
std::string_view about(const T& x) {
  if constexpr (requires { x.id; })
    return x.id;
  else
    return x.nick;
}

/// Returns an event handler that calls `f` while the guest's allowance lasts.
template <class T>
auto limited(guest_ptr me, void (*f)(troupe::connection&, guest&, const T&)) {
  return [me = std::move(me), f](troupe::connection& c, const T& x) {
    if (me->events.take())
      f(c, *me, x);
    else
      refuse_excess(c, *me, about(x));
  };
}

} // namespace chat
