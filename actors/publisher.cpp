#include "troupe/publisher.hpp"

#include "actors/publish_target.hpp"
#include "troupe/messages.hpp"

#include <caf/mailbox_element.hpp>

#include <utility>

namespace troupe {

namespace {

/// The publish target of an actor. The registry keeps the order of what it
/// sends.
class actor_outlet final : public actors::publish_target {
public:
  actor_outlet(caf::local_actor& self, caf::actor registry,
               const config& settings)
    : self_(self),
      registry_(std::move(registry)) {
    settings_.event_prefix = settings.event_prefix;
    settings_.binary_messages = settings.binary_messages;
  }

  const config& settings() const noexcept override {
    return settings_;
  }

  bool is_usable_here() const noexcept override {
    return true;
  }

  void send_to(const recipient& to, frame message) override {
    registry_->enqueue(
      caf::make_mailbox_element(self_.ctrl(), caf::make_message_id(), {},
                                msg::publish{to, std::move(message)}),
      self_.context());
  }

private:
  caf::local_actor& self_;
  const caf::actor registry_;
  config settings_; ///< Only the fields that emitters use are set.
};

} // namespace

publisher::publisher(caf::local_actor& self, caf::actor registry,
                     const config& settings)
  : target_(
    std::make_shared<actor_outlet>(self, std::move(registry), settings)) {
}

actor_emitter publisher::to(recipient whom) const {
  return {*target_, std::move(whom)};
}

actor_emitter publisher::to_room(std::string_view name) const {
  return {*target_, recipient::room(name)};
}

actor_emitter publisher::to_connection(std::string_view id) const {
  return {*target_, recipient::connection(id)};
}

} // namespace troupe
