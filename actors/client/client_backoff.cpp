#include "actors/client/client_backoff.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::actors {

namespace {

/// Least wait after the codes with which a server asks for a pause.
constexpr caf::timespan pause = std::chrono::seconds{5};

constexpr bool asks_for_pause(close_code code) noexcept {
  return code == close_code::service_restart
         || code == close_code::try_again_later;
}

/// Of a gateway; not in the enumeration, since servers of troupe do not send
/// it.
constexpr auto bad_gateway = static_cast<close_code>(1014);

} // namespace

client_backoff::client_backoff(caf::timespan min_delay, caf::timespan max_delay)
  : min_delay_{min_delay},
    max_delay_{max_delay},
    random_{std::random_device{}()} {
}

bool client_backoff::is_passing(close_code code) noexcept {
  return code == close_code::going_away || code == close_code::abnormal
         || code == close_code::internal_error || code == bad_gateway
         || asks_for_pause(code);
}

caf::timespan client_backoff::wait(close_code code, size_t attempts) {
  if (asks_for_pause(code))
    return between(std::min(pause, max_delay_), max_delay_);
  auto most = min_delay_;
  for (size_t i = 0; i < attempts && most < max_delay_; ++i)
    most *= 2;
  return between(caf::timespan{0}, std::min(most, max_delay_));
}

caf::timespan client_backoff::between(caf::timespan least, caf::timespan most) {
  std::uniform_int_distribution<caf::timespan::rep> any{least.count(),
                                                        most.count()};
  return caf::timespan{any(random_)};
}

} // namespace troupe::actors
