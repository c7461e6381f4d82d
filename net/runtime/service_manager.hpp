#pragma once

#include "net/runtime/socket.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace troupe::net {

/// The service manager that has started this process, such as systemd, to which
/// the process reports its state: one datagram to NOTIFY_SOCKET for each change
/// (sd_notify(3)). Without that variable, the reports have no effect. Members
/// may be called on any thread except runtime threads, since they may block.
class service_manager {
public:
  using duration = std::chrono::microseconds;

  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and removes them from
  /// the environment, so that child processes do not report. Create it before
  /// other threads, which may read the environment.
  service_manager();

  /// Reports that the program serves: after its start, and after each
  /// `reloading`.
  /// @param status a text for people, shown by `systemctl status`.
  void ready(std::string_view status) const;

  /// Reports that the program reads its settings again. Call `ready` at the
  /// end.
  void reloading() const;

  /// Reports that the program has begun to stop.
  void stopping(std::string_view status) const;

  /// Reports that all threads of the program run.
  void alive() const;

  /// Returns the time after which the service manager kills the program unless
  /// it calls `alive`; 0: no limit.
  duration watchdog_time() const noexcept {
    return watchdog_time_;
  }

private:
  void notify(const std::string& text) const;

  std::string address_; ///< A path, or NUL and a name; empty: no reports.
  descriptor socket_;
  duration watchdog_time_{0};
};

} // namespace troupe::net
