#include "actors/cluster/membership_actor.hpp"

#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <caf/deep_to_string.hpp>

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

/// Sent to itself at a deadline. Ignored if `at` is outdated.
struct wake_up {
  address_book::time_point at;
};

/// Sent to itself. Ends the wait for acknowledgments of the goodbye.
struct waited_enough {};

/// Time limit for other nodes to acknowledge the goodbye.
constexpr auto leave_patience = std::chrono::seconds{1};

/// Returns the longest time between two dials of a node. A node that can be
/// reached again is usually back within `timeout`.
caf::timespan longest_wait(caf::timespan timeout) {
  return std::clamp<caf::timespan>(timeout / 2, std::chrono::milliseconds{200},
                                   std::chrono::seconds{5});
}

} // namespace

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::wake_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::waited_enough)

namespace troupe::actors {

membership_actor::membership_actor(caf::actor_config& cfg, event_loop* at,
                                   cluster_config settings, node_identity self)
  : runtime_actor(cfg, at),
    settings_(std::move(settings)),
    self_(std::move(self)),
    search_(this, {self_.name, 2 * settings_.heartbeat,
                   longest_wait(settings_.timeout), self_.incarnation}),
    names_({[this](const named_actor& x) {
              tell_subscribers(actor_up{x.name, x.handle});
            },
            [this](const named_actor& x) {
              tell_subscribers(actor_down{x.name, x.handle});
            }}),
    sightings_(self_.name, settings_.timeout),
    nodes_(this),
    bridges_(this, at, self_.name,
             {settings_.max_queue_bytes, settings_.on_overflow}),
    admission_(settings_.name, self_.name),
    armed_(time_point::max()) {
  set_down_handler([this](const caf::down_msg& msg) { on_down(msg); });
}

caf::behavior membership_actor::make_behavior() {
  return {
    [this](const cluster_server& msg) { bridges_.add(msg); },
    [this](const begin_membership& msg) { begin(msg); },
    [this](leave_cluster) { leave(); },
    [this](wake_up msg) {
      if (msg.at == armed_ && !leaving_)
        on_time();
    },
    [this](waited_enough) { quit(); },
    // From the transport.
    [this](const reached& msg) { on_reached(msg); },
    [this](const not_reached& msg) { on_not_reached(msg); },
    // From other nodes.
    [this](const hello& msg) { on_hello(msg); },
    [this](const refused& msg) { on_refused(msg); },
    [this](heartbeat) { on_heartbeat(); },
    [this](const introduction& msg) { on_introduction(msg); },
    [this](const sees& msg) { on_sees(msg); },
    [this](const name_up& msg) {
      if (auto* x = nodes_.find(sender().address()))
        names_.add(x->name, msg.who);
    },
    [this](const name_down& msg) {
      if (auto* x = nodes_.find(sender().address()))
        names_.remove(x->name, msg.name);
    },
    [this](goodbye) { on_goodbye(); },
    [this](leave_ack) { on_leave_ack(); },
    // From users.
    [this](nodes) { return list(); },
    [this](const subscribe_nodes& msg) { add_subscriber(msg); },
    [this](const register_actor& msg) { return on_register_actor(msg); },
    [this](const find_actor& msg) { return find(msg.name); },
  };
}

void membership_actor::on_exit() {
  bridges_.end_all();
  // Breaks reference cycles with actors that hold this actor's handle.
  nodes_.clear();
  names_ = name_directory{name_directory::observer{}};
  subscribers_.clear();
  search_.end();
}

void membership_actor::begin(const begin_membership& msg) {
  address_ = msg.address;
  log(log_level::info, {.category = "cluster"},
      "this is node " + self_.name + " of cluster \"" + settings_.name
        + "\" at " + address_);
  search_.begin(msg.net, address_, settings_.join);
  // Nodes may have joined already and do not know this node's address.
  for (const auto& [name, x] : nodes_.peers())
    send_hello(x.membership, &x);
  on_time();
}

void membership_actor::leave() {
  if (std::exchange(leaving_, true))
    return;
  tell_peers(goodbye{});
  delayed_send(this, leave_patience, waited_enough{});
  finish_leaving_if_alone();
}

void membership_actor::finish_leaving_if_alone() {
  if (leaving_ && nodes_.peers().empty())
    quit();
}

// -- time ---------------------------------------------------------------------

void membership_actor::on_time() {
  auto t = now();
  if (next_heartbeat_ <= t)
    send_heartbeats();
  drop_silent(t);
  give_up_greetings(t);
  search_.dial_due();
  armed_ = time_point::max();
  arm();
}

void membership_actor::send_heartbeats() {
  next_heartbeat_ = now() + settings_.heartbeat;
  if (std::exchange(has_view_changed_, false))
    tell_peers(sees{nodes_.names()});
  tell_peers(heartbeat{});
  tell_gaps();
}

/// Logs which nodes are cut off from each other, and which no longer are.
void membership_actor::tell_gaps() {
  for (const auto& x : sightings_.update(now()))
    log_limited(x.is_cut ? log_level::warning : log_level::info,
                {.category = "cluster"}, sightings_.describe(x));
}

void membership_actor::drop_silent(time_point t) {
  for (const auto& node : nodes_.silent_since(t - settings_.timeout))
    end(node, "silent for " + caf::deep_to_string(settings_.timeout));
}

void membership_actor::give_up_greetings(time_point t) {
  for (const auto& x : nodes_.greeted_before(t - settings_.timeout))
    fail_greetings(x, "it does not answer");
}

/// Ensures that a `wake_up` comes no later than the next deadline.
void membership_actor::arm() {
  if (leaving_)
    return;
  auto next = std::min(next_heartbeat_,
                       nodes_.first_timeout(settings_.timeout));
  if (auto due = search_.book().next())
    next = std::min(next, *due);
  if (armed_ <= next)
    return;
  armed_ = next;
  auto t = now();
  delayed_send(this, std::max(next - t, time_point::duration{0}),
               wake_up{next});
}

membership_actor::time_point membership_actor::now() const {
  return clock().now();
}

// -- nodes come ---------------------------------------------------------------

void membership_actor::greet(const caf::actor& membership,
                             const std::string& address) {
  nodes_.greet(membership, address, now());
  send_hello(membership, nullptr);
  arm();
}

void membership_actor::on_reached(const reached& msg) {
  if (leaving_)
    return;
  if (msg.membership == this)
    search_.note_led_back(msg.address);
  else if (auto* x = nodes_.find(msg.membership.address()))
    search_.note_met(msg.address, x->name, x->address);
  else
    greet(msg.membership, msg.address);
  arm();
}

void membership_actor::on_not_reached(const not_reached& msg) {
  fail(msg.address, what(msg.reason));
}

void membership_actor::on_hello(const hello& msg) {
  auto from = sender();
  if (!from || from == this || leaving_)
    return;
  if (auto why = admission_.objection(msg); !why.empty()) {
    refuse(msg, from, why);
    return;
  }
  drop_forerunners(msg);
  auto [x, is_new] = nodes_.add(msg.node);
  if (is_new) {
    x.counters = counters_.get(msg.address, search_.book().unmet());
    has_view_changed_ = true;
  }
  nodes_.set_membership(x, from);
  x.incarnation = msg.incarnation;
  x.address = msg.address;
  x.heard = now();
  for (const auto& address : nodes_.end_greetings(from.address()))
    search_.note_met(address, msg.node, msg.address);
  auto is_news = search_.book().met(x.address, msg.node);
  for (const auto& y : msg.peers)
    if (!nodes_.is_up(y.node))
      search_.book().learn(y.address, y.node, x.heard);
  std::vector<std::string> seen;
  for (const auto& y : msg.peers)
    seen.push_back(y.node);
  sightings_.set(msg.node, seen);
  auto is_needed = bridges_.on_offers(msg.node, msg.bridges, x.counters);
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

void membership_actor::refuse(const hello& msg, const caf::actor& to,
                              const std::string& why) {
  admission_.log_refusal(msg.address, why);
  send(to, refused{why});
  fail_greetings(to.address(), "refused: " + why);
}

/// Ends nodes that `msg` replaces. A restarted process may return before its
/// predecessor has been missed.
void membership_actor::drop_forerunners(const hello& msg) {
  auto old = nodes_.forerunners(msg.node, msg.address, msg.incarnation);
  for (const auto& node : old) {
    if (now() - nodes_.find(node)->heard < settings_.heartbeat)
      log_limited(log_level::warning, {.category = "cluster"},
                  "nodes " + node + " and " + msg.node + " are both at "
                    + msg.address + ": unless the first was restarted, see "
                    + "cluster.advertise");
    end(node, "replaced by node " + msg.node);
  }
}

/// Introduces a node to the others, which may not know it yet.
void membership_actor::introduce(const known_peer& who) {
  for (const auto& [name, x] : nodes_.peers())
    if (name != who.node)
      send(x.membership, introduction{who});
}

void membership_actor::on_refused(const refused& msg) {
  fail_greetings(sender().address(), "it refuses us: " + msg.why);
}

void membership_actor::on_introduction(const introduction& msg) {
  if (leaving_ || nodes_.is_up(msg.who.node))
    return;
  search_.book().learn(msg.who.address, msg.who.node, now());
  arm();
}

void membership_actor::on_sees(const sees& msg) {
  if (auto* x = nodes_.find(sender().address()))
    sightings_.set(x->name, msg.nodes);
}

/// @param known the receiver; null if it has not sent a `hello` yet.
void membership_actor::send_hello(const caf::actor& to, const peer* known) {
  hello msg{settings_.name,
            admission::protocol(),
            self_.name,
            self_.incarnation,
            address_,
            !known,
            {},
            bridges_.offers(known ? known->name : std::string{}),
            names_.list(name_directory::own)};
  for (const auto& [name, x] : nodes_.peers())
    if (&x != known)
      msg.peers.push_back({name, x.address});
  send(to, std::move(msg));
}

// -- nodes go -----------------------------------------------------------------

void membership_actor::on_heartbeat() {
  auto from = sender();
  if (!from || leaving_)
    return;
  if (auto* x = nodes_.find(from.address()))
    x->heard = now();
  else if (!nodes_.is_known(from.address()))
    greet(from, {}); // It has been dropped, or is new.
}

void membership_actor::on_goodbye() {
  auto from = sender();
  if (!from)
    return;
  send(from, leave_ack{});
  auto* x = nodes_.find(from.address());
  if (!x)
    return;
  search_.book().left(x->name, now());
  end(x->name, "left");
  finish_leaving_if_alone();
}

void membership_actor::on_leave_ack() {
  if (!leaving_)
    return;
  if (auto* x = nodes_.find(sender().address()))
    end(x->name, "we left");
  finish_leaving_if_alone();
}

void membership_actor::on_down(const caf::down_msg& msg) {
  subscribers_.remove(msg.source);
  for (const auto& x : names_.drop_own(msg.source))
    tell_peers(name_down{x});
  fail_greetings(msg.source, "connection lost");
  if (auto* lost = nodes_.find(msg.source))
    end(lost->name, "connection lost");
  if (auto node = bridges_.drop(msg.source))
    if (auto* x = nodes_.find(*node)) // Leads to a new bridge.
      send_hello(x->membership, x);
  if (leaving_)
    finish_leaving_if_alone();
}

/// @param node passed by value, since `remove` destroys the table's copy.
void membership_actor::end(std::string node, const std::string& why) {
  auto x = nodes_.remove(node);
  bridges_.end(node);
  search_.book().lost(node, now());
  sightings_.drop(node);
  has_view_changed_ = true;
  log_limited(log_level::info, {.category = "cluster"},
              "node " + node + " at " + x.address + " is down: " + why);
  names_.drop(node);
  tell_subscribers(node_down{node, x.address, why});
  arm();
}

caf::actor membership_actor::sender() {
  return caf::actor_cast<caf::actor>(current_sender());
}

void membership_actor::fail_greetings(const caf::actor_addr& membership,
                                      const std::string& why) {
  for (const auto& address : nodes_.end_greetings(membership))
    fail(address, why);
}

void membership_actor::fail(const std::string& address,
                            const std::string& why) {
  search_.note_failed(address, why);
  arm();
}

// -- users --------------------------------------------------------------------

caf::result<void>
membership_actor::on_register_actor(const register_actor& msg) {
  auto who = msg.who ? msg.who : sender();
  auto old = names_.find_own(msg.name);
  if (old == who || !who)
    return caf::unit;
  if (old && !is_asked())
    return caf::unit;
  if (old)
    return make_error(errc::name_taken, msg.name);
  monitor(who);
  names_.add(name_directory::own, {msg.name, who});
  tell_peers(name_up{{msg.name, who}});
  return caf::unit;
}

caf::result<caf::message> membership_actor::find(const std::string& name) {
  if (auto res = names_.find(name))
    return caf::make_message(std::move(res));
  if (!is_asked())
    return caf::message{};
  return make_error(errc::no_such_name, name);
}

void membership_actor::add_subscriber(const subscribe_nodes& msg) {
  auto who = msg.who ? msg.who : sender();
  if (!who)
    return;
  monitor(who);
  for (const auto& [name, x] : nodes_.peers())
    send(who, node_up{name, x.address});
  for (const auto& x : names_.list())
    send(who, actor_up{x.name, x.handle});
  subscribers_.add(who, true);
}

std::vector<node_info> membership_actor::list() const {
  std::vector<node_info> res;
  for (const auto& [name, x] : nodes_.peers()) {
    res.push_back({name, x.address, x.incarnation, link_state::up});
    res.back().cannot_see = sightings_.unseen_by(name);
  }
  for (auto& address : search_.book().unmet())
    res.emplace_back().address = std::move(address);
  for (auto& x : res)
    counters_.fill(x);
  return res;
}

} // namespace troupe::actors
