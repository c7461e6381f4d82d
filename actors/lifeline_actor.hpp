#pragma once

#include "actors/pinned_actor.hpp"

namespace troupe::actors {

/// Terminates when it is dismissed at the end of a program. Actors that have to
/// terminate with the program are linked to it.
class lifeline_actor final : public runtime_actor {
public:
  using runtime_actor::runtime_actor;

  const char* name() const override {
    return "troupe.lifeline";
  }

  caf::behavior make_behavior() override {
    return {
      // A reason other than `normal` terminates linked actors as well.
      [this](dismiss) { quit(caf::exit_reason::user_shutdown); },
    };
  }
};

} // namespace troupe::actors
