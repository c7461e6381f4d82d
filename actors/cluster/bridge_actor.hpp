#pragma once

#include "actors/bridges.hpp"
#include "actors/cluster/bridge_ends.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/control_channel.hpp"
#include "actors/cluster/control_receipts.hpp"
#include "actors/cluster/event_exchange.hpp"
#include "actors/cluster/flow_window.hpp"
#include "actors/cluster/loss_log.hpp"
#include "actors/cluster/question_responder.hpp"
#include "actors/cluster/remote_interest.hpp"
#include "actors/cluster/wire_batch_queue.hpp"
#include "actors/cluster/wire_batch_receiver.hpp"
#include "actors/pinned_actor.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace troupe::actors {

/// Sent by the membership actor to a bridge, once: its counterpart on the other
/// node.
struct meet {
  caf::actor peer;
};

/// Represents one server on one other node. Sends the messages of rooms that
/// have members there to its counterpart on that node, and publishes on this
/// node what the counterpart sends. All traffic between the two servers passes
/// through their bridges, so CAF keeps one proxy for each bridge instead of one
/// for each connection. Ends when dismissed, or with the registry.
class bridge_actor final : public runtime_actor {
public:
  /// @param node the name of the other node, as in ids of connections.
  bridge_actor(caf::actor_config& cfg, event_loop* at, caf::actor registry,
               std::string node, bridge_limits limits,
               std::shared_ptr<bridge_counters> counters);

  const char* name() const override {
    return "troupe.bridge";
  }

  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  void begin(const caf::actor& peer);

  flow_window::time_point now() const;

  // -- messages for the other node
  void pack(const recipient& to, uint64_t from, const frame& message);
  void carry(const msg::deliver& msg);
  void carry(const msg::publish& msg);
  void ask_for_turn_end();
  void on_turn_end();
  void send_wire_batches(bool may_be_small);

  // -- control messages
  void note(const local_names& msg);
  void note(const room_populated& msg);
  void note(const id_held& msg);
  void note(const id_freed& msg);
  void learn(const interest_update& msg);
  void ask_there(const ask_remote& msg);
  void on_answer(const answer& msg);
  void keep_ticking();
  void tick();

  bridge_ends ends_;
  std::string node_;
  std::shared_ptr<bridge_counters> counters_;
  loss_log losses_;
  wire_batch_queue wire_batches_;
  wire_batch_receiver received_;
  control_channel control_;
  control_receipts receipts_;
  event_exchange events_;
  question_responder responder_;
  remote_interest foreign_;
  bool is_interest_missed_ = false; ///< It came before `meet`.
  bool is_ticking_ = false;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::meet)
