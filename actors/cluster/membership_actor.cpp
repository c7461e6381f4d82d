#include "actors/cluster/membership_actor.hpp"

#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <caf/deep_to_string.hpp>

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

/// To ourselves: it is `at`, there may be something to do.
struct wake_up {
  address_book::time_point at;
};

/// To ourselves: go now, whoever has not answered.
struct waited_enough {};

/// How long who leaves waits until the others know.
constexpr auto leave_patience = std::chrono::seconds{1};

/// Between two attempts to reach a node. Who can be reached again is back
/// within a time-out.
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
    book_(self_.name, 2 * settings_.heartbeat, longest_wait(settings_.timeout),
          self_.incarnation),
    names_({[this](const named_actor& x) {
              tell_subscribers(actor_up{x.name, x.handle});
            },
            [this](const named_actor& x) {
              tell_subscribers(actor_down{x.name, x.handle});
            }}),
    sightings_(self_.name, settings_.timeout),
    armed_(time_point::max()) {
  set_down_handler([this](const caf::down_msg& msg) { on_down(msg); });
}

caf::behavior membership_actor::make_behavior() {
  return {
    [this](const cluster_server& msg) { servers_.push_back(msg); },
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
      if (auto i = find_peer(sender().address()); i != peers_.end())
        names_.add(i->first, msg.who);
    },
    [this](const name_down& msg) {
      if (auto i = find_peer(sender().address()); i != peers_.end())
        names_.remove(i->first, msg.name);
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
  for (const auto& [name, x] : peers_)
    for (const auto& [server, pair] : x.bridges)
      send(pair.bridge(), dismiss{});
  // Others may hold our handle, and these theirs: let go.
  peers_.clear();
  greeted_.clear();
  names_ = name_directory{name_directory::observer{}};
  subscribers_.clear();
  servers_.clear();
  net_ = nullptr;
}

void membership_actor::begin(const begin_membership& msg) {
  address_ = msg.address;
  net_ = msg.net;
  log(log_level::info, {.category = "cluster"},
      "this is node " + self_.name + " of cluster \"" + settings_.name
        + "\" at " + address_);
  book_.mark_own(address_);
  for (const auto& x : settings_.join)
    book_.add_seed(x, now());
  // Some may have come already, and not know where we are.
  for (const auto& [name, x] : peers_)
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
  if (leaving_ && peers_.empty())
    quit();
}

// -- time ---------------------------------------------------------------------

void membership_actor::on_time() {
  auto t = now();
  if (next_heartbeat_ <= t)
    send_heartbeats();
  drop_silent(t);
  give_up_greetings(t);
  dial_due(t);
  armed_ = time_point::max();
  arm();
}

void membership_actor::send_heartbeats() {
  next_heartbeat_ = now() + settings_.heartbeat;
  if (std::exchange(has_view_changed_, false))
    tell_peers(sees{names_of_peers()});
  tell_peers(heartbeat{});
  tell_gaps();
}

/// Tells the log which nodes are cut off from each other.
void membership_actor::tell_gaps() {
  auto label = [this](const std::string& node) {
    return node == self_.name ? "this node" : "node " + node;
  };
  for (const auto& x : sightings_.update(now())) {
    auto both = label(x.one) + " and " + label(x.other);
    if (x.is_cut)
      log_limited(log_level::warning, {.category = "cluster"},
                  both + " cannot reach each other, though both are up");
    else
      log_limited(log_level::info, {.category = "cluster"},
                  both + " are no longer cut off from each other");
  }
}

void membership_actor::drop_silent(time_point t) {
  for (auto i = peers_.begin(); i != peers_.end();) {
    auto x = i++;
    if (x->second.heard + settings_.timeout <= t)
      end(x, "silent for " + caf::deep_to_string(settings_.timeout));
  }
}

void membership_actor::give_up_greetings(time_point t) {
  auto xs = greeted_;
  for (const auto& x : xs)
    if (x.since + settings_.timeout <= t)
      fail_greetings(x.membership.address(), "it does not answer");
}

void membership_actor::dial_due(time_point t) {
  for (const auto& address : book_.pop_due(t))
    net_->dial(address, this);
}

/// Makes sure of a wake-up when there is something to do next.
void membership_actor::arm() {
  if (leaving_)
    return;
  auto next = next_heartbeat_;
  if (auto due = book_.next())
    next = std::min(next, *due);
  for (const auto& [name, x] : peers_)
    next = std::min(next, x.heard + settings_.timeout);
  for (const auto& x : greeted_)
    next = std::min(next, x.since + settings_.timeout);
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
  for (const auto& [name, x] : peers_)
    send(who, node_up{name, x.address});
  for (const auto& x : names_.list())
    send(who, actor_up{x.name, x.handle});
  subscribers_.emplace(who.id(), who);
}

std::vector<node_info> membership_actor::list() const {
  std::vector<node_info> res;
  for (const auto& [name, x] : peers_) {
    res.push_back({name, x.address, x.incarnation, link_state::up});
    res.back().cannot_see = sightings_.unseen_by(name);
  }
  for (auto& address : book_.unmet())
    res.emplace_back().address = std::move(address);
  for (auto& x : res) {
    auto i = counters_.find(x.address);
    if (i == counters_.end())
      continue;
    const auto& count = *i->second;
    x.queued_messages = count.queued_messages;
    x.queued_bytes = count.queued_bytes;
    x.sent = count.sent;
    x.received = count.received;
    x.lost = count.lost;
    x.events_dropped = count.events_dropped;
    x.questions_refused = count.questions_refused;
  }
  return res;
}

std::shared_ptr<bridge_counters>
membership_actor::counters_for(const std::string& address) {
  auto sought = book_.unmet();
  std::erase_if(counters_, [&](const auto& x) {
    return x.second.use_count() == 1
           && std::find(sought.begin(), sought.end(), x.first) == sought.end();
  });
  auto& res = counters_[address];
  if (!res)
    res = std::make_shared<bridge_counters>();
  return res;
}

} // namespace troupe::actors
