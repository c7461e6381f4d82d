#pragma once

#include "actors/fan_out.hpp"
#include "actors/pinned_actor.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace troupe::actors {

/// A room to the registry: the last of my members has gone.
struct vacant {
  std::string room;
};

/// A room to the registry: this actor is no member any more.
struct removed {
  std::string room;
  caf::actor who;
};

/// The registry to a room: your name is free, nobody will come again.
struct retire {};

/// A room: any actors, who get what is published to it (messages.hpp). The
/// registry alone spawns rooms and lets members in.
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

  /// Thread-safe.
  fan_out& hall() noexcept {
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

  /// A connection has the room's name as its id, or none any more.
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
