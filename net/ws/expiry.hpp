#pragma once

#include "actors/seams/socket_layers.hpp"
#include "net/runtime/worker.hpp"

#include <chrono>
#include <memory>
#include <string_view>

namespace troupe::net {

/// The end of the right of a client to be connected (`decision::accept`):
/// closes its connection with 1008 then. Part of the connection; a separate
/// object, so that other connections do not pay for it. Lives on its worker's
/// thread.
class expiry final : public tickable {
public:
  using system_time = std::chrono::system_clock::time_point;

  /// The reason in the close frame.
  static constexpr std::string_view reason = "expired";

  /// @param socket  the connection that this is part of.
  /// @param end     the end of the right.
  /// @param tick    the same on the clock of ticks.
  expiry(actors::lower_layer& socket, system_time end, time_point tick);

  expiry(const expiry&) = delete;
  expiry& operator=(const expiry&) = delete;

  /// Returns an expiry that closes `socket` at `end`; null if that is
  /// `system_time::max()`. Call on the thread of `event_loop`, which is that of
  /// `socket`.
  static std::unique_ptr<expiry> make(actors::lower_layer& socket,
                                      system_time end, worker& event_loop);

  /// Returns `x` on the clock of ticks; `now` if `x` has passed.
  static time_point to_ticks(system_time x, system_time system_now,
                             time_point now);

  system_time end() const noexcept {
    return end_;
  }

  void on_tick(time_point now) override;

private:
  actors::lower_layer& socket_;
  const system_time end_;
  const time_point tick_;
};

} // namespace troupe::net
