#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::actors {

/// Limits of a tail.
namespace tail_limits {

constexpr size_t messages_per_second = 100;
constexpr size_t bytes_per_second = 64 * 1024;
constexpr size_t message_bytes = 1024; ///< Longer messages are cut.

/// A tail that is not asked for a report ends after this time, or twice that.
constexpr auto patience = std::chrono::seconds{10};

} // namespace tail_limits

/// A message of a room, as a reader sees it.
struct tail_message {
  std::chrono::system_clock::time_point time; ///< When it reached the tail.
  std::string text; ///< The payload in visible form, possibly cut.
  size_t size = 0;  ///< Of the whole payload, in bytes.
  bool is_binary = false;
};

/// Response to `report_tail`: what was published since the last report.
struct tail_report {
  std::vector<tail_message> messages;
  uint64_t omitted = 0;       ///< Messages beyond the limits.
  uint64_t omitted_bytes = 0; ///< The sum of their sizes.
  std::string end; ///< Why the tail has ended; empty while it goes on.
};

/// Sent to a tail. The response is a `tail_report`.
struct report_tail {};

/// Spawns an actor that observes a room and keeps what is published there for a
/// reader, within `tail_limits`. What exceeds them is counted. The tail sees
/// the messages that reach this node: those of other nodes do while the room
/// has a member here. It terminates with the reader, when it is not asked for
/// long enough, and after it has reported its end: because there is no such
/// room, or because the room has ended.
/// @param registry the registry of the server.
/// @param reader   the actor that asks for reports.
caf::actor spawn_room_tail(caf::actor_system& sys, caf::actor registry,
                           std::string room, caf::actor reader);

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::tail_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::report_tail)
