#pragma once

#include "actors/held_id.hpp"
#include "troupe/inspect.hpp"

#include <caf/error.hpp>
#include <caf/message.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What two bridges, counterparts on two nodes, say to each other. Part of the
/// protocol between nodes: a change is a new `protocol_version`.

namespace troupe::actors {

/// Messages, see wire_batch.hpp. Numbered from 1.
struct wire_batch {
  uint64_t number = 0;
  uint32_t count = 0;
  std::string bytes;
};

/// The wire batches up to this one are in front of their receivers.
struct wire_batch_done {
  uint64_t number = 0;
};

/// Which rooms have members here, and which ids of a program's own connections
/// have: all of them (a snapshot), or what changed. Numbered from 1.
struct interest_update {
  uint64_t number = 0;
  bool is_snapshot = false;
  std::vector<std::string> populated;
  std::vector<std::string> vacated;
  std::vector<held_id> held = {};
  std::vector<std::string> freed = {};
};

/// A change of the interest is missing: send a snapshot.
struct resync {};

/// Asks the registry over there.
struct question {
  uint64_t number = 0;
  caf::message what;
};

struct answer {
  uint64_t number = 0;
  caf::message what;
  caf::error failure; ///< None if there is an answer.
};

/// Send me `connection_up` and `connection_down` from now on, first an up for
/// each there is. The latest round counts; round 0: none any more.
struct send_events {
  uint64_t round = 1;
};

/// Such an event.
struct event_report {
  caf::message what;
  uint64_t round = 1; ///< Of the `send_events` that it answers.
};

/// So many of `interest_update`, `question`, `answer` and `event_report`,
/// counted from the first, are read, and what they brought about as well.
struct control_done {
  uint64_t count = 0;
};

TROUPE_INSPECT(troupe::actors, wire_batch, x.number, x.count, x.bytes)
TROUPE_INSPECT(troupe::actors, wire_batch_done, x.number)
TROUPE_INSPECT(troupe::actors, interest_update, x.number, x.is_snapshot,
               x.populated, x.vacated, x.held, x.freed)
TROUPE_INSPECT(troupe::actors, resync)
TROUPE_INSPECT(troupe::actors, question, x.number, x.what)
TROUPE_INSPECT(troupe::actors, answer, x.number, x.what, x.failure)
TROUPE_INSPECT(troupe::actors, send_events, x.round)
TROUPE_INSPECT(troupe::actors, event_report, x.what, x.round)
TROUPE_INSPECT(troupe::actors, control_done, x.count)

} // namespace troupe::actors

CAF_BEGIN_TYPE_ID_BLOCK(troupe_bridge, first_custom_type_id + 500)
  CAF_ADD_TYPE_ID(troupe_bridge, (troupe::actors::wire_batch))
  CAF_ADD_TYPE_ID(troupe_bridge, (troupe::actors::wire_batch_done))
  CAF_ADD_TYPE_ID(troupe_bridge, (troupe::actors::interest_update))
  CAF_ADD_TYPE_ID(troupe_bridge, (troupe::actors::resync))
  CAF_ADD_TYPE_ID(troupe_bridge, (troupe::actors::question))
  CAF_ADD_TYPE_ID(troupe_bridge, (troupe::actors::answer))
  CAF_ADD_TYPE_ID(troupe_bridge, (troupe::actors::send_events))
  CAF_ADD_TYPE_ID(troupe_bridge, (troupe::actors::event_report))
  CAF_ADD_TYPE_ID(troupe_bridge, (troupe::actors::control_done))
CAF_END_TYPE_ID_BLOCK(troupe_bridge)
