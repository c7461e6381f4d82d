#include "actors/cluster/event_exchange.hpp"

#include "actors/bridges.hpp"
#include "actors/cluster/remote_text.hpp"

#include <utility>
#include <vector>

namespace troupe::actors {

void event_exchange::want(uint64_t round) {
  wanted_round_ = round;
  ends_.self->send(ends_.peer, send_events{wanted_round_});
}

void event_exchange::hear(const event_report& msg) {
  if (msg.round != wanted_round_)
    return;
  if (is_sound(msg.what)) {
    ends_.self->send(ends_.registry, remote_event{msg.what, msg.round});
    return;
  }
  losses_.count_refused_text(1);
  if (!msg.what.match_elements<msg::connection_down>())
    return;
  // The end of a connection must be reported, even without its reason.
  auto down = msg.what.get_as<msg::connection_down>(0);
  down.reason.clear();
  ends_.self->send(ends_.registry,
                   remote_event{caf::make_message(std::move(down)), msg.round});
}

void event_exchange::begin(uint64_t round) {
  if (round == std::exchange(told_round_, round))
    return;
  out_.begin_events(round);
  are_listed_ = false;
  ends_.self->send(ends_.registry, unwatch_connections{});
  if (round != 0 && ends_.peer)
    list_connections();
}

void event_exchange::on_met() {
  if (told_round_ != 0)
    list_connections();
}

void event_exchange::list_connections() {
  // No time-out: connections that are not listed now would never be reported.
  ends_.self->request(ends_.registry, caf::infinite, watch_connections{})
    .then([this, round = told_round_](const std::vector<connection_info>& xs) {
      if (round != told_round_)
        return;
      are_listed_ = true;
      for (const auto& x : xs)
        out_.events().add(msg::connection_up{x.id, x.handle});
      out_.send();
    });
}

} // namespace troupe::actors
