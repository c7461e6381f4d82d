#pragma once

#include "actors/bridges.hpp"
#include "actors/cluster/answer_queue.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/control_window.hpp"
#include "actors/cluster/event_queue.hpp"
#include "actors/cluster/flow_window.hpp"
#include "actors/cluster/inbound_sequencer.hpp"
#include "actors/cluster/interest.hpp"
#include "actors/cluster/open_questions.hpp"
#include "actors/cluster/remote_interest.hpp"
#include "actors/cluster/wire_batch_queue.hpp"
#include "actors/pinned_actor.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace troupe::actors {

/// To a bridge: this is your counterpart on the other node. Once in its life.
struct meet {
  caf::actor peer;
};

/// One server's bridge to another node: hears what is said in rooms that have
/// members there, and carries it to its counterpart; says here what that one
/// carries. The only actors of two nodes that talk for their servers, so that
/// CAF keeps one proxy for each, not one for each connection. Ends when
/// dismissed, or with the registry.
class bridge_actor final : public runtime_actor {
public:
  /// @param node the other's name, as in ids of connections.
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

  // From here to there.
  void pack(const recipient& to, uint64_t from, const frame& message);
  void carry(const msg::deliver& msg);
  void carry(const msg::publish& msg);
  void note(const local_names& msg);
  void note(const room_populated& msg);
  void note(const id_held& msg);
  void note(const id_freed& msg);
  void ask_there(const ask_remote& msg);
  void ask_for_turn_end();
  void send_wire_batches(bool may_be_small);
  void report_losses();
  void send_control();
  bool send_next_kind();
  bool send_next_answer();
  void keep_ticking();
  void tick();
  void want_events(uint64_t round);
  void begin_events(uint64_t round);
  void list_connections();
  std::optional<event_report> next_event_report();

  template <class T>
  bool send_one(std::optional<T> x);

  template <class T>
  void announce(const T& x);

  // From there to here.
  void unpack(wire_batch& msg);
  void say_arrivals();
  void settle(uint64_t ticket);
  void on_answer(const answer& msg);
  void hear(const event_report& msg);
  void learn(const interest_update& msg);
  void refuse_text(uint64_t messages);
  void refuse_names(uint64_t count);
  void look_up(const question& msg);
  void give(answer x);
  void taken();
  void acknowledge();

  template <class T>
  void ask(const question& msg);

  caf::actor registry_;
  std::string node_;
  std::shared_ptr<bridge_counters> counters_;
  caf::actor peer_;
  wire_batch_queue wire_batches_;
  inbound_sequencer inbound_;
  uint64_t told_done_ = 0;

  // Besides wire batches, what is sent as the window allows,
  control_window window_;
  interest interest_;
  event_queue events_;
  open_questions questions_;
  answer_queue answers_;
  unsigned next_kind_ = 0;
  // and what came: messages.
  uint64_t taken_ = 0;
  uint64_t told_taken_ = 0;
  bool is_acknowledging_ = false;
  remote_interest foreign_;
  bool is_interest_missed_ = false; ///< It came before we had met.
  uint64_t wanted_round_ = 0; ///< Of events from there; 0: none are wanted.
  uint64_t told_round_ = 0;   ///< Of events that are wanted there.
  bool are_listed_ = false;   ///< Those that there were when it began.
  bool turn_end_asked_ = false;
  bool is_ticking_ = false;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::meet)
