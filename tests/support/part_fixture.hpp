#pragma once

#include "actors/pinned_actor.hpp"
#include "support/fixture.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace troupe::test {

/// Sent to the owner of a part of the registry. Makes the owner call `run`.
struct part_task {
  std::function<void()> run;
};

} // namespace troupe::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::test::part_task)

namespace troupe::test {

/// An actor in place of the one that a part belongs to. Handles `part_task`.
struct part_owner : actors::pinned_actor {
  explicit part_owner(caf::actor_config& cfg)
    : actors::pinned_actor(cfg, nullptr) {
  }

  caf::behavior make_behavior() override {
    return {[](const part_task& x) { x.run(); }};
  }
};

/// A part of the registry inside of an `Owner`, which is an actor in place of
/// the registry, and actors that record what they receive.
template <class Owner>
struct part_fixture : test_coordinator_fixture<test_config> {
  struct listener {
    caf::actor handle;
    std::shared_ptr<strings> heard = std::make_shared<strings>();
  };

  template <class... Ts>
  explicit part_fixture(Ts&&... xs)
    : whose(sys.template spawn<Owner>(std::forward<Ts>(xs)...)) {
  }

  ~part_fixture() {
    made.push_back(whose);
    for (const auto& x : made)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    run();
  }

  /// Spawns an actor with the behavior `make(note)`, where `note` is a function
  /// that records a string.
  template <class F>
  listener spawn_listener(F make) {
    listener x;
    auto note = [heard = x.heard](std::string what) {
      heard->push_back(std::move(what));
    };
    x.handle = sys.spawn([=] { return make(note); });
    made.push_back(x.handle);
    return x;
  }

  /// Calls `f(owner)` in a handler of the owner.
  void act(std::function<void(Owner&)> f) {
    auto* owner
      = static_cast<Owner*>(caf::actor_cast<caf::abstract_actor*>(whose));
    self->send(whose, part_task{[=] { f(*owner); }});
    run();
  }

  /// Returns what `who` has recorded since the last call.
  strings news(const listener& who) {
    run();
    return std::exchange(*who.heard, {});
  }

  std::vector<caf::actor> made;
  caf::actor whose;
};

} // namespace troupe::test
