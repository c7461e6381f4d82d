#pragma once

#include "actors/fan_out.hpp"
#include "actors/pinned.hpp"

#include <memory>
#include <string>

namespace troupe::actors {

/// A room to the registry: I have no members, having dealt with the first
/// `joins` joins you sent me. If you have sent no more, tell me to `retire`.
struct vacant {
  std::string room;
  uint64_t joins = 0;
};

/// The registry to a room: your name is free, nobody will come again.
struct retire {};

/// A room: any actors, who get what is published to it (messages.hpp). The
/// registry alone spawns rooms and sends joins.
class room_actor final : public runtime_actor, public gatherer {
public:
  room_actor(caf::actor_config& cfg, home* at,
             std::shared_ptr<server_core> core, std::string name,
             caf::actor registry, relay_list relays);

  const char* name() const override {
    return "troupe.room";
  }

  caf::behavior make_behavior() override;
  void on_exit() override;
  bool take(const publish& msg, const caf::strong_actor_ptr& from,
            receiver* direct) override;

private:
  void add(const caf::actor& who);
  void remove(const caf::actor_addr& who);
  void report_if_vacant();
  void quit_if_done();

  std::string name_;
  caf::actor registry_;
  fan_out members_;
  uint64_t joins_ = 0;
  bool retired_ = false;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::vacant)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::retire)
