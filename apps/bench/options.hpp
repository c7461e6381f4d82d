#pragma once

#include "endpoint.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <sys/types.h>

namespace troupe::bench {

/// What the command line says; a workload reads the fields it knows.
struct options {
  std::string workload;
  endpoint url;
  dialect speaks = dialect::plain; ///< Ends up in `url`.
  std::optional<pid_t> server_pid;
  std::optional<endpoint> second_url; ///< fanout, rooms: another node.
  std::optional<pid_t> second_pid;
  std::size_t rooms = 10;        ///< rooms: how many.
  std::size_t members = 100;     ///< fanout, rooms: connections in each room.
  std::size_t senders = 10;      ///< fanout, rooms: how many of them send.
  std::size_t visitors = 10;     ///< churn: at once.
  std::size_t commuters = 0;     ///< churn: those that leave and join again.
  double stay = 0.1;             ///< churn: seconds of each visit.
  std::size_t connections = 100; ///< echo, idle, connect, leave.
  std::size_t window = 1;        ///< Own messages a sender has under way.
  double rate = 0; ///< Messages per second of all senders; 0: `window` rules.
  int read_at = 1; ///< Bytes that wait before one who does not send reads.
  std::size_t payload = 64;     ///< Bytes per message.
  std::size_t concurrency = 64; ///< Handshakes under way at once.
  double seconds = 5;           ///< Length of the measured window.
  double warmup = 1;            ///< Seconds of traffic before it.
  double hold = 0;              ///< idle: seconds to keep the connections.
  bool goodbye = false;         ///< leave: with a close frame each.

  /// Those that the workload reads, for its report.
  [[nodiscard]] nlohmann::ordered_json settings() const;
};

/// Text for --help.
[[nodiscard]] const char* usage_text();

/// Throws `std::invalid_argument` with a line for the user.
/// @returns nothing if the user asked for help.
[[nodiscard]] std::optional<options> parse_options(int argc, char** argv);

} // namespace troupe::bench
