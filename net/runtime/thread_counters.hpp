#pragma once

#include "actors/seams/counter.hpp"
#include "net/runtime/close_counters.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::net {

using actors::counter;

/// Nanoseconds from 50 us to 1 s.
using turn_histogram = actors::histogram<std::array<uint64_t, 12>{
  50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000,
  10'000'000, 25'000'000, 100'000'000, 250'000'000, 1'000'000'000}>;

/// Nanoseconds from 1 ms to 10 s.
using round_trip_histogram = actors::histogram<std::array<uint64_t, 12>{
  1'000'000, 2'500'000, 5'000'000, 10'000'000, 25'000'000, 50'000'000,
  100'000'000, 250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000,
  10'000'000'000}>;

/// How a request for a WebSocket connection ends.
enum class handshake_result : uint8_t {
  accepted,
  invalid,      ///< The request is not a valid handshake.
  host,         ///< `listener_config::allowed_hosts`
  origin,       ///< `config::allowed_origins`
  limit,        ///< `connection_limits`, or too many requests wait.
  unauthorized, ///< The program refuses it with a status below 500.
  failed,       ///< The program refuses it with 500 or more, or has failed.
};

constexpr std::array<std::string_view, 7> handshake_results{
  "accepted", "invalid", "host", "origin", "limit", "unauthorized", "failed"};

/// What a worker has done since its start. On a cache line that no other thread
/// writes.
struct alignas(64) thread_counters {
  counter received_bytes; ///< From sockets; encrypted bytes in case of TLS.
  counter sent_bytes;
  counter sent_messages; ///< Queued for sockets.
  turn_histogram turns;
  round_trip_histogram round_trips; ///< Of pings.
  close_counters closes;
  std::array<counter, handshake_results.size()> handshakes;
  counter tls_failures; ///< Connections that TLS has ended.
  counter queued_bytes; ///< Gauge: output that waits for clients.
  counter congested;    ///< Gauge: connections whose client does not read.

  void add(handshake_result x) noexcept {
    handshakes[static_cast<size_t>(x)].add(1);
  }
};

} // namespace troupe::net
