#include "actors/room.hpp"

namespace troupe::actors {

room_actor::room_actor(caf::actor_config& cfg, home* at,
                       std::shared_ptr<server_core> core, std::string name,
                       caf::actor registry, relay_list relays)
  : runtime_actor(cfg, at),
    name_(std::move(name)),
    registry_(std::move(registry)),
    members_(this, at, std::move(core), std::move(relays), name_) {
  // A member may die without leaving: its death is the authority.
  set_down_handler([this](const caf::down_msg& msg) {
    if (members_.remove(msg.source.id()))
      report_if_vacant();
  });
}

caf::behavior room_actor::make_behavior() {
  return {
    [this](const publish& msg) { members_.gather(msg, current_sender()); },
    [this](turn_end) { members_.on_turn_end(); },
    [this](const relayed& msg) {
      members_.on_relayed(msg);
      quit_if_done();
    },
    [this](const troupe::join& msg) {
      auto who = msg.who ? msg.who
                         : caf::actor_cast<caf::actor>(current_sender());
      if (current_sender() == registry_)
        add(who);
      else if (who) // The registry counts joins, so it must see them all.
        send(registry_, troupe::join{name_, who});
    },
    [this](const troupe::leave& msg) {
      remove(msg.who ? msg.who.address()
                     : caf::actor_cast<caf::actor_addr>(current_sender()));
    },
    [this](const let_go& msg) {
      if (!members_.contains(msg.who.id())) // It may be back.
        demonitor(msg.who.address());
      report_if_vacant();
    },
    [this](members) { return members_.members(); },
    [this](retire) {
      // Who published meanwhile is still owed a confirmation.
      retired_ = true;
      members_.on_turn_end();
      quit_if_done();
    },
    [this](dismiss) { // The relays may end, too: it waits for none of them.
      members_.on_turn_end();
      quit();
    },
    // From other nodes.
    [this](arrival& msg) { members_.gather(std::move(msg)); },
    [this](outposts& msg) { members_.set_links(std::move(msg.links)); },
  };
}

void room_actor::on_exit() {
  for (const auto& x : members_.members())
    send(x, room_down{name_});
  // The registry and our members hold our handle, and we theirs: let go.
  members_.clear();
  registry_ = nullptr;
}

bool room_actor::take(const publish& msg, const caf::strong_actor_ptr& from,
                      receiver* direct) {
  if (!idle_here())
    return false;
  members_.gather(msg, from, direct);
  return true;
}

void room_actor::add(const caf::actor& who) {
  ++joins_;
  if (members_.add(who))
    monitor(who);
  send(who, joined{name_, caf::actor_cast<caf::actor>(this)});
}

void room_actor::remove(const caf::actor_addr& who) {
  if (!who || !members_.remove(who.id()))
    return;
  demonitor(who);
  report_if_vacant();
}

void room_actor::report_if_vacant() {
  if (members_.size() == 0)
    send(registry_, vacant{name_, joins_});
}

void room_actor::quit_if_done() {
  if (retired_ && members_.settled())
    quit();
}

} // namespace troupe::actors
