#pragma once

#include "actors/held_id.hpp"
#include "troupe/inspect.hpp"

#include <caf/error.hpp>
#include <caf/message.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// @file
///
/// Message protocol between a bridge and its counterpart on another node. Part
/// of the protocol between nodes: a change requires a new `protocol_version`.

namespace troupe::actors {

/// Messages in the format of wire_batch.hpp. Numbered from 1.
struct wire_batch {
  uint64_t number = 0;
  uint32_t count = 0;
  std::string bytes;
};

/// Response to `wire_batch`: the messages of all wire batches up to `number`
/// have been handed to their receivers.
struct wire_batch_done {
  uint64_t number = 0;
};

/// The rooms with members on the sending node, and the own ids of connections
/// there: all of them (a snapshot), or the changes since the previous update.
/// Numbered from 1.
struct interest_update {
  uint64_t number = 0;
  bool is_snapshot = false;
  std::vector<std::string> populated;
  std::vector<std::string> vacated;
  std::vector<held_id> held = {};
  std::vector<std::string> freed = {};
};

/// Requests a snapshot, since an `interest_update` is missing.
struct resync {};

/// A query for the registry of the receiving node.
struct question {
  uint64_t number = 0;
  caf::message what;
};

/// Response to `question`.
struct answer {
  uint64_t number = 0;
  caf::message what;
  caf::error failure; ///< None if the query has succeeded.
};

/// Requests an `event_report` for each existing connection of the receiving
/// node and for each change from now on. Replaces earlier requests; round 0
/// ends the reports.
struct send_events {
  uint64_t round = 1;
};

/// A `connection_up` or `connection_down` of the sending node.
struct event_report {
  caf::message what;
  uint64_t round = 1; ///< From the `send_events` that requested it.
};

/// Response to `interest_update`, `question`, `answer` and `event_report`. The
/// bridge has processed the first `count` of these messages, and its registry
/// has processed everything that they caused.
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
