#pragma once

#include "actors/pinned_actor.hpp"
#include "net/runtime/worker.hpp"
#include "support/running.hpp"

#include <caf/actor.hpp>
#include <caf/behavior.hpp>

#include <functional>
#include <utility>

namespace troupe::test {

/// Calls a function for each number that it receives, and another one when a
/// turn ends.
class probe : public actors::pinned_actor {
public:
  using function = std::function<void(probe&, int)>;

  probe(caf::actor_config& cfg, actors::event_loop* at, function on_number,
        function on_turn_end = nullptr)
    : pinned_actor(cfg, at),
      on_number_(std::move(on_number)),
      on_turn_end_(std::move(on_turn_end)) {
  }

  void ask_for_turn_end() {
    at()->at_turn_end(ctrl());
  }

  caf::behavior make_behavior() override {
    return {
      [this](int x) { on_number_(*this, x); },
      [this](actors::turn_end) { on_turn_end_(*this, 0); },
    };
  }

private:
  function on_number_;
  function on_turn_end_;
};

template <class... Fs>
caf::actor spawn_probe(running& r, net::worker& w, Fs... fs) {
  return actors::spawn_pinned<probe>(r.sys, &w, std::move(fs)...);
}

} // namespace troupe::test
