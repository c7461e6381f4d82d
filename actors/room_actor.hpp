#pragma once

#include "actors/fan_out.hpp"
#include "actors/pinned_actor.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace troupe::actors {

/// Sent by a room to the registry when its last member has left.
struct vacant {
  std::string room;
};

/// Sent by a room to the registry. The room has removed `who`, a listener that
/// reads too slowly.
struct removed {
  std::string room;
  caf::actor who;
};

/// Sent by the registry to a room that it has removed from its table. The room
/// terminates when all messages are delivered and confirmed.
struct retire {};

/// A room: a set of actors that receive what is published to it (messages.hpp).
/// Only the registry spawns rooms and adds members.
class room_actor final : public runtime_actor, public direct_channel {
public:
  room_actor(caf::actor_config& cfg, event_loop* at,
             std::shared_ptr<server_core> core, std::string name,
             caf::actor registry, relay_list relays);

  const char* name() const override {
    return "troupe.room";
  }

  /// Thread-safe.
  const std::string& room_name() const noexcept {
    return name_;
  }

  caf::behavior make_behavior() override;
  using runtime_actor::consume;
  caf::invoke_message_result consume(caf::mailbox_element& x) override;
  void on_exit() override;

  /// Returns the members. Thread-safe.
  fan_out& members() noexcept {
    return members_;
  }

  bool try_publish(const msg::publish& msg, const caf::strong_actor_ptr& from,
                   direct_receiver* direct) override {
    return members_.try_publish(msg, from, direct);
  }

  void flush() override {
    members_.flush();
  }

  bool let_go(caf::actor_id who) override;

  bool has_namesake() const noexcept override {
    return has_namesake_.load(std::memory_order_relaxed);
  }

  /// Sets whether there is a connection whose id is the name of the room.
  void set_namesake(bool x) noexcept {
    has_namesake_.store(x, std::memory_order_relaxed);
  }

private:
  template <class T>
  void pass_on(const T& msg);

  void report_if_vacant();
  void quit_if_done();

  const std::string name_;
  const caf::actor registry_;
  fan_out members_;
  bool retired_ = false;
  std::atomic<bool> has_namesake_ = false;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::vacant)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::removed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::retire)
