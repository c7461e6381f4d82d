#pragma once

#include "actors/outlet.hpp"
#include "actors/pinned.hpp"
#include "actors/server_core.hpp"
#include "actors/tickets.hpp"
#include "troupe/messages.hpp"

#include <deque>
#include <memory>

namespace troupe::actors {

/// To the announcer: send this.
struct announcement {
  recipient to;
  frame message;
};

/// Sends what the server says in its own name, from any thread, to the
/// registry, which keeps its order. Ends with the registry, to which it is
/// linked. What rooms do not come round to yet waits here; the outlet takes no
/// more than may wait.
class announcer_actor final : public runtime_actor {
public:
  announcer_actor(caf::actor_config& cfg, home* at,
                  std::shared_ptr<server_core> core);

  const char* name() const override {
    return "troupe.announcer";
  }

  caf::behavior make_behavior() override;

private:
  void send_on();

  std::shared_ptr<server_core> core_;
  tickets tickets_;
  std::deque<announcement> waiting_;
};

/// The outlet of a server.
class server_outlet final : public outlet {
public:
  server_outlet(std::shared_ptr<server_core> core, caf::actor announcer);

  const config& settings() const noexcept override {
    return core_->settings;
  }

  bool is_usable_here() const noexcept override {
    return true;
  }

  void send_to(const recipient& to, frame message) override;

private:
  std::shared_ptr<server_core> core_;
  caf::actor announcer_;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::announcement)
