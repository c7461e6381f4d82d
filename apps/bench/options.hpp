#pragma once

#include "endpoint.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <sys/types.h>

namespace troupe::bench {

/// Values of the command line. Each workload reads the fields that it needs.
struct options {
  std::string workload;
  endpoint url;
  dialect speaks = dialect::plain; ///< Copied to `url`.
  std::optional<pid_t> server_pid;
  std::optional<endpoint> second_url; ///< fanout, rooms: another node.
  std::optional<pid_t> second_pid;
  std::size_t rooms = 10;    ///< rooms: number of rooms.
  std::size_t members = 100; ///< fanout, rooms: connections in each room.
  std::size_t senders = 10;  ///< fanout, rooms: number of senders among them.
  std::size_t visitors = 10; ///< churn: number at a time.
  std::size_t commuters = 0; ///< churn: members that leave and join again.
  double stay = 0.1;         ///< churn: duration of each visit in seconds.
  std::size_t connections = 100; ///< Of workloads without rooms.
  std::size_t window = 1;        ///< Unconfirmed messages per sender.
  /// Messages per second of all senders; 0: limited by `window`.
  double rate = 0;
  int read_at = 1; ///< Bytes that must be available before a listener reads.
  std::size_t payload = 64;     ///< Bytes per message.
  std::size_t concurrency = 64; ///< Concurrent handshakes.
  double seconds = 5;           ///< Duration of the measurement.
  double warmup = 1;            ///< Seconds of traffic before it.
  double hold = 0;              ///< idle: duration of keeping the connections.
  bool goodbye = false;         ///< leave: whether clients send a close frame.
  bool resume = false; ///< Whether TLS resumes a session; copied to `url`.
  bool greets = false; ///< idle: whether clients first await an echo.
  bool finish = false; ///< hellos: whether clients complete the handshake.

  /// Returns the fields that the workload reads, for its report.
  [[nodiscard]] nlohmann::ordered_json settings() const;
};

/// Returns the text for --help.
[[nodiscard]] const char* usage_text();

/// Throws `std::invalid_argument` with a message for the user.
/// @returns nothing if the user asked for help.
[[nodiscard]] std::optional<options> parse_options(int argc, char** argv);

} // namespace troupe::bench
