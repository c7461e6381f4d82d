#pragma once

#include "actors/home.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <utility>

namespace troupe::actors {

/// The base of our actors: runs on one thread, its home, whoever sends to it,
/// so that it shares that thread's sockets and rooms without a lock. With a
/// null home it runs wherever the actor system's scheduler likes.
class pinned : public caf::event_based_actor {
public:
  pinned(caf::actor_config& cfg, home* at)
    : caf::event_based_actor(cfg),
      home_(at) {
    // Without these two, CAF 0.17 ends an actor that gets a message it does not
    // know, and one that is told that its own message was unknown.
    set_default_handler([](caf::scheduled_actor*,
                           caf::message_view&) -> caf::result<caf::message> {
      return caf::message{};
    });
    set_error_handler([](caf::error&) {});
  }

  using caf::event_based_actor::enqueue;

  void enqueue(caf::mailbox_element_ptr what,
               caf::execution_unit* host) override {
    caf::event_based_actor::enqueue(std::move(what), home_ ? home_ : host);
  }

  home* at() const noexcept {
    return home_;
  }

  /// Whether the caller may touch this actor directly: it runs on the same
  /// thread, and the actor has no message waiting that ought to come first.
  bool idle_here() noexcept {
    return home_ != nullptr && home_->is_current() && mailbox().blocked();
  }

private:
  home* home_;
};

/// Spawns `T(cfg, at, xs...)` on thread `at`.
template <class T, class... Ts>
caf::actor spawn_pinned(caf::actor_system& sys, home* at, Ts&&... xs) {
  caf::actor_config cfg{at};
  return sys.spawn_class<T, caf::no_spawn_options>(cfg, at,
                                                   std::forward<Ts>(xs)...);
}

} // namespace troupe::actors
