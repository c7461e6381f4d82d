#pragma once

#include "actors/pinned_actor.hpp"

namespace troupe::actors {

/// Does nothing but live until it is dismissed: whoever is to end with a
/// program is linked to it.
class lifeline_actor final : public runtime_actor {
public:
  using runtime_actor::runtime_actor;

  const char* name() const override {
    return "troupe.lifeline";
  }

  caf::behavior make_behavior() override {
    return {
      // With a reason, so that who is linked to us ends as well.
      [this](dismiss) { quit(caf::exit_reason::user_shutdown); },
    };
  }
};

} // namespace troupe::actors
