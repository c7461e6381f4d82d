#pragma once

#include "actors/pinned_actor.hpp"
#include "actors/server_core.hpp"
#include "troupe/handler.hpp"
#include "troupe/service.hpp"

#include <caf/actor_addr.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>

namespace troupe::actors {

/// Who answers: an actor, or the name of one that is registered in the cluster.
using service_provider = std::variant<caf::actor, std::string>;

/// Sent by a connection to the service actor of its thread.
struct served {
  caf::message what;                     ///< A `msg::question`.
  std::optional<one_shot<outcome>> give; ///< None for an event.
};

/// Passes the requests and events of clients on to the actor that serves them,
/// and the answers back. One for each thread and service, since other nodes
/// keep a proxy for each actor that sends to them, and since it may monitor
/// whom it asks: connections leave that to users.
class service_actor final : public runtime_actor {
public:
  service_actor(caf::actor_config& cfg, event_loop* at,
                std::shared_ptr<server_core> core, service_provider who,
                serve_options how);

  const char* name() const override {
    return "troupe.service";
  }

  /// Handles `served`.
  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  /// A request without an answer.
  struct entry {
    caf::actor_addr asked;
    one_shot<outcome> give;
  };

  void look_up(const std::string& name, const served& x);
  void pass_on(const caf::actor& who, const served& x, caf::timespan timeout);
  void fail(const served& x, const caf::error& why);
  void settle(uint64_t number, outcome x);
  void watch(const caf::actor& who);
  void on_down(const caf::actor_addr& who);

  std::shared_ptr<server_core> core_;
  service_provider provider_;
  serve_options options_;
  std::unordered_map<uint64_t, entry> open_; ///< By number.
  std::set<caf::actor_addr> watched_;
  uint64_t last_number_ = 0;
};

/// Returns a handler that passes requests and events on to `who`, by service
/// actors that it spawns when a thread needs one. Thread-safe. Must be called
/// in callbacks of connections only.
event_handler make_service(service_provider who, serve_options how);

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::served)
