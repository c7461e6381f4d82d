#pragma once

#include "actors/seams/socket_layers.hpp"
#include "net/runtime/worker.hpp"

#include <chrono>
#include <memory>
#include <string_view>

namespace troupe::net {

/// The end of the right of a client to be connected (`decision::accept`):
/// closes its connection with 1008 then. A separate object, so that other
/// connections do not pay for it. Lives on its worker's thread until that time,
/// or until the first tick after the end of the connection.
class expiry final : public tickable {
public:
  using system_time = std::chrono::system_clock::time_point;

  /// The reason in the close frame.
  static constexpr std::string_view reason = "expired";

  expiry(std::weak_ptr<actors::lower_layer> socket, time_point end);

  /// Closes `socket` at `end`, unless that is `system_time::max()`. Call on the
  /// thread of `event_loop`, which is that of `socket`.
  static void set(std::weak_ptr<actors::lower_layer> socket, system_time end,
                  worker& event_loop);

  /// Returns `x` on the clock of ticks; `now` if `x` has passed.
  static time_point to_ticks(system_time x, system_time system_now,
                             time_point now);

  void on_tick(time_point now) override;
  void on_worker_end() override;

private:
  const std::weak_ptr<actors::lower_layer> socket_;
  const time_point end_;
  std::unique_ptr<expiry> self_; ///< Null unless created by `set`.
};

} // namespace troupe::net
