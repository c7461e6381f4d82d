#pragma once

#include "troupe/error.hpp"
#include "troupe/request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace troupe::net {

/// What a socket has sent and received.
struct traffic {
  uint64_t bytes_in = 0; ///< Encrypted bytes in case of TLS.
  uint64_t bytes_out = 0;
  uint64_t messages_in = 0;
  uint64_t messages_out = 0; ///< Queued; some may have been dropped.
};

/// A line of the access log: an HTTP request, or a WebSocket connection at its
/// end. Has no query and no header fields that may contain secrets.
struct access_record {
  using time_point = std::chrono::steady_clock::time_point;

  access_record() = default;

  /// Copies what the line says about a request.
  access_record(const request& req, time_point since);

  /// Returns how much memory the record takes in a queue.
  size_t size() const noexcept;

  time_point began;
  std::chrono::system_clock::time_point time; ///< Of the line.
  std::chrono::nanoseconds duration{0};
  std::string remote; ///< The numeric address of the client.
  std::string method;
  std::string host;
  std::string path;
  std::string user_agent;
  std::string principal; ///< Set if `config::authorize` accepts with a string.
  unsigned status = 0;   ///< Of an HTTP response.
  traffic amount;
  std::optional<close_info> end; ///< Set for WebSocket connections.
};

/// Returns the line: a JSON object in ASCII, without the line end.
std::string to_json(const access_record& x);

} // namespace troupe::net
