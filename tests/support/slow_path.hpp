#pragma once

#include "actors/cluster/bridge_messages.hpp"

#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::test {

/// Forwards messages to an actor as a network does, with a delay and a limited
/// rate. Uses the actor clock, thus virtual time in tests.
class slow_path final : public caf::event_based_actor {
public:
  using time_point = caf::actor_clock::time_point;

  slow_path(caf::actor_config& cfg, caf::actor to, caf::timespan delay,
            double bytes_per_second)
    : caf::event_based_actor(cfg),
      to_(std::move(to)),
      delay_(delay),
      bytes_per_second_(bytes_per_second) {
    set_default_handler(
      [this](caf::scheduled_actor*,
             caf::message_view& x) -> caf::result<caf::message> {
        pass_on(x.move_content_to_message());
        return caf::message{};
      });
  }

  caf::behavior make_behavior() override {
    return {[](caf::unit_t) {}};
  }

private:
  void pass_on(caf::message what) {
    auto time
      = std::chrono::duration_cast<caf::timespan>(std::chrono::duration<double>{
        static_cast<double>(size_of(what)) / bytes_per_second_});
    free_ = std::max(free_, clock().now()) + time;
    clock().schedule_message(
      free_ + delay_, caf::actor_cast<caf::strong_actor_ptr>(to_),
      caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                                std::move(what)));
  }

  static size_t size_of(const caf::message& what) {
    constexpr size_t header = 100;
    if (!what.match_elements<actors::wire_batch>())
      return header;
    return header + what.get_as<actors::wire_batch>(0).bytes.size();
  }

  caf::actor to_;
  caf::timespan delay_;
  double bytes_per_second_;
  time_point free_; ///< When the rate permits the next message.
};

} // namespace troupe::test
