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

/// How much one guest may ask of us: `burst` events at once and `per_second`
/// in the long run.
class allowance {
public:
  static constexpr double burst = 40;
  static constexpr double per_second = 5;

  /// @returns whether one more event is fine.
  bool take() noexcept;

  /// How many events were too many since the last that was fine.
  int excess() const noexcept {
    return excess_;
  }

private:
  using clock = std::chrono::steady_clock;

  double left_ = burst;
  clock::time_point filled_at_ = clock::now();
  int excess_ = 0;
};

/// What the behaviours of one connection know about its guest. Belongs to that
/// connection alone: its handlers never overlap.
struct guest {
  caf::actor directory;
  std::string nick; ///< Empty until the directory has given one.
  allowance events;
  std::chrono::steady_clock::time_point typed_at{};
};

using guest_ptr = std::shared_ptr<guest>;

/// Tells the page that something was not done.
/// @param about what of: a nickname, a room or a message's id.
void refuse(troupe::connection& c, std::string_view about, std::string reason);

/// Notes that `about` was one event too many. Who does not stop is sent away.
void refuse_excess(troupe::connection& c, const guest& me,
                   std::string_view about);

/// Whether the guest is in this room of ours.
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

/// Makes an event handler of `f` that runs while the guest's allowance lasts.
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
