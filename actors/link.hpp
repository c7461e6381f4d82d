#pragma once

#include "actors/arrivals.hpp"
#include "actors/census.hpp"
#include "actors/link_messages.hpp"
#include "actors/outpost.hpp"
#include "actors/parcel_queue.hpp"
#include "actors/pinned.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace troupe::actors {

/// To a link: this is your counterpart on the other node. Once in its life.
struct meet {
  caf::actor peer;
};

/// One server's outpost of another node: hears what is said in rooms that have
/// members there, and carries it to its counterpart; says here what that one
/// carries. The only actors of two nodes that talk for their servers, so that
/// CAF keeps one proxy for each, not one for each connection. Ends when
/// dismissed, or with the registry.
class link_actor final : public runtime_actor {
public:
  /// @param node the other's name, as in ids of connections.
  link_actor(caf::actor_config& cfg, home* at, caf::actor registry,
             std::string node, link_limits limits,
             std::shared_ptr<link_counters> counters);

  const char* name() const override {
    return "troupe.link";
  }

  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  void begin(const caf::actor& peer);

  // From here to there.
  void carry(const deliver& msg);
  void carry(const publish& msg);
  void note(const room_populated& msg);
  void ask_for_turn_end();
  void send_parcels(bool may_be_small);
  void send_census();
  void tick();
  void send_events_from_now_on();

  // From there to here.
  void unpack(parcel& msg);
  void say_arrivals();
  void say(arrival x);
  void learn(const population& msg);
  void look_up(const question& msg);
  void finish(const answer& msg);

  template <class T>
  void ask(const question& msg);

  caf::actor registry_;
  std::string node_;
  std::shared_ptr<link_counters> counters_;
  caf::actor peer_;
  parcel_queue parcels_;
  census census_;
  arrivals arrivals_;
  uint64_t told_done_ = 0;
  uint64_t last_population_ = 0;
  std::unordered_set<std::string> populated_afar_;
  std::unordered_map<uint64_t, caf::response_promise> questions_;
  uint64_t last_question_ = 0;
  bool turn_end_asked_ = false;
  bool is_ticking_ = false;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::meet)
