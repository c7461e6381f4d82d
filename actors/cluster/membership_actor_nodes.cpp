// How the membership actor meets other nodes, and how it loses them.

#include "actors/cluster/membership_actor.hpp"
#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <caf/config.hpp>

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

/// So many addresses of refused nodes are remembered, to log each once.
constexpr size_t most_refusals = 100;

/// Of an actor of this process.
bool is_over(const caf::actor& x) {
  return caf::actor_cast<caf::abstract_actor*>(x)->getf(
    caf::abstract_actor::is_terminated_flag);
}

std::string protocol() {
  return "troupe/" + std::to_string(protocol_version) + " caf/"
         + std::to_string(CAF_VERSION);
}

} // namespace

// -- nodes come ---------------------------------------------------------------

void membership_actor::greet(const caf::actor& membership,
                             const std::string& address) {
  watch(membership);
  greeted_.push_back({membership, address, now()});
  send_hello(membership, nullptr);
  arm();
}

void membership_actor::on_reached(const reached& msg) {
  if (leaving_)
    return;
  if (msg.membership == this)
    note_led_back(msg.address);
  else if (auto i = find_peer(msg.membership.address()); i != peers_.end())
    note_met(msg.address, i->first, i->second.address);
  else
    greet(msg.membership, msg.address);
  arm();
}

void membership_actor::note_led_back(const std::string& address) {
  if (book_.led_back(address, now()))
    log_limited(log_level::info, {.category = "cluster"},
                address
                  + " leads to this node itself; retrying, since it may lead "
                    "to other nodes as well");
}

/// @param found  where the node says it is.
void membership_actor::note_met(const std::string& address,
                                const std::string& node,
                                const std::string& found) {
  if (address == found)
    book_.met(address, node);
  else
    book_.met_elsewhere(address, node, now());
}

void membership_actor::on_not_reached(const not_reached& msg) {
  fail(msg.address, what(msg.reason));
}

void membership_actor::on_hello(const hello& msg) {
  auto from = sender();
  if (!from || from == this || leaving_)
    return;
  if (auto why = objection(msg); !why.empty()) {
    refuse(msg, from, why);
    return;
  }
  drop_forerunners(msg);
  auto [i, is_new] = peers_.try_emplace(msg.node);
  auto& x = i->second;
  if (is_new) {
    x.counters = counters_for(msg.address);
    has_view_changed_ = true;
  }
  if (x.membership != from) {
    watch(from);
    unwatch(std::exchange(x.membership, from));
  }
  x.incarnation = msg.incarnation;
  x.address = msg.address;
  x.heard = now();
  for (const auto& address : end_greetings(from.address()))
    note_met(address, msg.node, msg.address);
  auto is_news = book_.met(x.address, msg.node);
  for (const auto& y : msg.peers)
    if (peers_.count(y.node) == 0)
      book_.learn(y.address, y.node, x.heard);
  std::vector<std::string> seen;
  for (const auto& y : msg.peers)
    seen.push_back(y.node);
  sightings_.set(msg.node, seen);
  auto is_needed = pop_bridges(msg, x);
  if (is_new || msg.asks || is_needed)
    send_hello(from, &x);
  if (is_new) {
    log_limited(log_level::info, {.category = "cluster"},
                "node " + msg.node + " at " + x.address + " is up");
    tell_subscribers(node_up{msg.node, x.address});
  }
  if (is_news)
    introduce({msg.node, x.address});
  names_.replace(msg.node, msg.actors);
  arm();
}

/// Why whoever says this hello may not join; empty if he may.
std::string membership_actor::objection(const hello& msg) const {
  if (msg.cluster != settings_.name)
    return "it belongs to cluster \"" + msg.cluster + "\", and we to \""
           + settings_.name + '"';
  if (msg.protocol != protocol())
    return "it speaks " + msg.protocol + ", and we " + protocol();
  if (msg.node.empty() || msg.node == self_.name)
    return "its name is \"" + msg.node + "\", and that is taken";
  return {};
}

void membership_actor::refuse(const hello& msg, const caf::actor& to,
                              const std::string& why) {
  if (refusals_.size() >= most_refusals)
    refusals_.clear();
  if (std::exchange(refusals_[msg.address], why) != why)
    log_limited(log_level::warning, {.category = "cluster"},
                "refused node at " + msg.address + ": " + why);
  send(to, refused{why});
  fail_greetings(to.address(), "refused: " + why);
}

/// A process that was restarted is back before the old one was missed.
void membership_actor::drop_forerunners(const hello& msg) {
  for (auto i = peers_.begin(); i != peers_.end();) {
    auto x = i++;
    auto is_same = x->first == msg.node
                   || (!msg.address.empty()
                       && x->second.address == msg.address);
    if (!is_same || x->second.incarnation == msg.incarnation)
      continue;
    if (now() - x->second.heard < settings_.heartbeat)
      log_limited(log_level::warning, {.category = "cluster"},
                  "nodes " + x->first + " and " + msg.node + " are both at "
                    + msg.address + ": unless the first was restarted, see "
                    + "cluster.advertise");
    end(x, "replaced by node " + msg.node);
  }
}

/// @returns whether the other must hear of our bridges.
bool membership_actor::pop_bridges(const hello& msg, peer& from) {
  bool is_needed = false;
  for (const auto& server : servers_) {
    auto is_same = [&](const bridge_offer& x) {
      return x.server == server.name;
    };
    auto i = std::find_if(msg.bridges.begin(), msg.bridges.end(), is_same);
    if (i == msg.bridges.end() || is_over(server.registry))
      continue;
    auto make = [&] {
      bridge_limits limits{settings_.max_queue_bytes, settings_.on_overflow};
      auto bridge = spawn_pinned<bridge_actor>(system(), at(), server.registry,
                                               msg.node, limits, from.counters);
      monitor(bridge);
      return bridge;
    };
    auto meet = [this](const caf::actor& bridge, const caf::actor& with) {
      send(bridge, actors::meet{with});
    };
    auto end = [this](const caf::actor& bridge) { dismiss_bridge(bridge); };
    pairing fresh{self_.name < msg.node};
    auto& pair = from.bridges.try_emplace(server.name, fresh).first->second;
    is_needed |= pair.on_offer(*i, {make, meet, end});
  }
  return is_needed;
}

/// Others may not know a node that came to us by itself.
void membership_actor::introduce(const known_peer& who) {
  for (const auto& [name, x] : peers_)
    if (name != who.node)
      send(x.membership, introduction{who});
}

void membership_actor::on_refused(const refused& msg) {
  fail_greetings(sender().address(), "it refuses us: " + msg.why);
}

void membership_actor::on_introduction(const introduction& msg) {
  if (leaving_ || peers_.count(msg.who.node) != 0)
    return;
  book_.learn(msg.who.address, msg.who.node, now());
  arm();
}

void membership_actor::on_sees(const sees& msg) {
  if (auto i = find_peer(sender().address()); i != peers_.end())
    sightings_.set(i->first, msg.nodes);
}

/// @param known  null if it has said nothing yet.
void membership_actor::send_hello(const caf::actor& to, const peer* known) {
  hello msg{settings_.name,
            protocol(),
            self_.name,
            self_.incarnation,
            address_,
            !known,
            {},
            {},
            {}};
  for (const auto& [name, x] : peers_)
    if (&x != known)
      msg.peers.push_back({name, x.address});
  for (const auto& [server, registry] : servers_) {
    auto& offer = msg.bridges.emplace_back();
    offer.server = server;
    if (!known)
      continue;
    if (auto i = known->bridges.find(server); i != known->bridges.end()) {
      offer.bridge = i->second.bridge();
      offer.met = i->second.met();
    }
  }
  msg.actors = names_.list(name_directory::own);
  send(to, std::move(msg));
}

// -- nodes go -----------------------------------------------------------------

void membership_actor::on_heartbeat() {
  auto from = sender();
  if (!from || leaving_)
    return;
  if (auto i = find_peer(from.address()); i != peers_.end())
    i->second.heard = now();
  else if (!is_known(from.address()))
    greet(from, {}); // We took it for dead.
}

void membership_actor::on_goodbye() {
  auto from = sender();
  if (!from)
    return;
  send(from, leave_ack{});
  auto i = find_peer(from.address());
  if (i == peers_.end())
    return;
  auto node = i->first;
  book_.left(node, now());
  end(i, "left");
  finish_leaving_if_alone();
}

void membership_actor::on_leave_ack() {
  if (!leaving_)
    return;
  if (auto i = find_peer(sender().address()); i != peers_.end())
    end(i, "we left");
  finish_leaving_if_alone();
}

void membership_actor::on_down(const caf::down_msg& msg) {
  // An actor of another node may have the same id.
  auto [i, last] = subscribers_.equal_range(msg.source.id());
  while (i != last)
    i = i->second.address() == msg.source ? subscribers_.erase(i) : ++i;
  for (const auto& x : names_.drop_own(msg.source))
    tell_peers(name_down{x});
  fail_greetings(msg.source, "connection lost");
  if (auto lost = find_peer(msg.source); lost != peers_.end())
    end(lost, "connection lost");
  replace_bridge(msg.source);
  if (leaving_)
    finish_leaving_if_alone();
}

/// A bridge that ended by itself, such as by an exception: what it carried is
/// lost, but not what comes after.
void membership_actor::replace_bridge(const caf::actor_addr& bridge) {
  for (auto& [node, x] : peers_)
    for (auto& [server, pair] : x.bridges)
      if (pair.bridge() && pair.bridge().address() == bridge) {
        pair.lost();
        if (!serves(server)) // It ended with that.
          return;
        log_limited(log_level::error, {.category = "cluster"},
                    "the link of \"" + server + "\" to node " + node
                      + " broke down; it is replaced");
        send_hello(x.membership, &x);
        return;
      }
}

bool membership_actor::serves(const std::string& server) const {
  return std::any_of(servers_.begin(), servers_.end(), [&](const auto& x) {
    return x.name == server && !is_over(x.registry);
  });
}

void membership_actor::dismiss_bridge(const caf::actor& bridge) {
  if (!bridge)
    return;
  demonitor(bridge);
  send(bridge, dismiss{});
}

void membership_actor::end(peer_map::iterator i, const std::string& why) {
  auto node = peers_.extract(i);
  auto& x = node.mapped();
  unwatch(x.membership);
  for (const auto& [server, pair] : x.bridges)
    dismiss_bridge(pair.bridge());
  book_.lost(node.key(), now());
  sightings_.drop(node.key());
  has_view_changed_ = true;
  log_limited(log_level::info, {.category = "cluster"},
              "node " + node.key() + " at " + x.address + " is down: " + why);
  names_.drop(node.key());
  tell_subscribers(node_down{node.key(), x.address, why});
  arm();
}

// -- who is who ---------------------------------------------------------------

caf::actor membership_actor::sender() {
  return caf::actor_cast<caf::actor>(current_sender());
}

membership_actor::peer_map::iterator
membership_actor::find_peer(const caf::actor_addr& membership) {
  return std::find_if(peers_.begin(), peers_.end(), [&](const auto& x) {
    return x.second.membership.address() == membership;
  });
}

bool membership_actor::is_known(const caf::actor_addr& membership) {
  auto is_same = [&](const greeting& x) {
    return x.membership.address() == membership;
  };
  return find_peer(membership) != peers_.end()
         || std::any_of(greeted_.begin(), greeted_.end(), is_same);
}

std::vector<std::string> membership_actor::names_of_peers() const {
  std::vector<std::string> res;
  for (const auto& [name, x] : peers_)
    res.push_back(name);
  return res;
}

/// A membership actor is watched as long as it is known.
void membership_actor::watch(const caf::actor& membership) {
  if (!is_known(membership.address()))
    monitor(membership);
}

void membership_actor::unwatch(const caf::actor& membership) {
  if (membership && !is_known(membership.address()))
    demonitor(membership);
}

/// @returns the addresses where that node was dialed.
std::vector<std::string>
membership_actor::end_greetings(const caf::actor_addr& membership) {
  std::vector<std::string> res;
  std::erase_if(greeted_, [&](const greeting& x) {
    if (x.membership.address() != membership)
      return false;
    if (!x.address.empty())
      res.push_back(x.address);
    return true;
  });
  return res;
}

void membership_actor::fail_greetings(const caf::actor_addr& membership,
                                      const std::string& why) {
  auto xs = end_greetings(membership);
  for (const auto& address : xs)
    fail(address, why);
  if (!xs.empty() && !is_known(membership))
    demonitor(membership);
}

void membership_actor::fail(const std::string& address,
                            const std::string& why) {
  if (book_.failed(address, why, now()))
    log_limited(log_level::warning, {.category = "cluster"},
                "cannot connect to the node at " + address + ": " + why
                  + "; retrying");
  arm();
}

} // namespace troupe::actors
