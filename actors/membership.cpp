#include "actors/membership.hpp"

#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <caf/config.hpp>
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
constexpr auto farewell_patience = std::chrono::seconds{1};

/// So many addresses of refused nodes are remembered, to log each once.
constexpr size_t most_refusals = 100;

std::string protocol() {
  return "troupe/" + std::to_string(protocol_version) + " caf/"
         + std::to_string(CAF_VERSION);
}

} // namespace

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::wake_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::waited_enough)

namespace troupe::actors {

membership_actor::membership_actor(caf::actor_config& cfg, home* at,
                                   cluster_config settings, node_identity self)
  : pinned(cfg, at),
    settings_(std::move(settings)),
    self_(std::move(self)),
    book_(self_.name, 2 * settings_.heartbeat, self_.incarnation),
    names_({[this](const named_actor& x) {
              tell_subscribers(actor_up{x.name, x.handle});
            },
            [this](const std::string& x) { tell_subscribers(actor_down{x}); }}),
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
    // From the carrier.
    [this](const reached& msg) { take(msg); },
    [this](const not_reached& msg) { take(msg); },
    // From other nodes.
    [this](const hello& msg) { take(msg); },
    [this](const refused& msg) { take(msg); },
    [this](beat) { on_beat(); },
    [this](const introduction& msg) { take(msg); },
    [this](const name_up& msg) {
      if (auto i = find_peer(sender().address()); i != peers_.end())
        names_.add(i->first, msg.who);
    },
    [this](const name_down& msg) {
      if (auto i = find_peer(sender().address()); i != peers_.end())
        names_.remove(i->first, msg.name);
    },
    [this](goodbye) { on_goodbye(); },
    [this](farewell) { on_farewell(); },
    // From users.
    [this](nodes) { return list(); },
    [this](const subscribe_nodes& msg) { add_subscriber(msg); },
    [this](const register_actor& msg) { return take(msg); },
    [this](const find_actor& msg) { return find(msg.name); },
  };
}

void membership_actor::on_exit() {
  for (const auto& [name, x] : peers_)
    for (const auto& [server, pair] : x.links)
      send_exit(pair.link(), caf::exit_reason::user_shutdown);
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
  log(log_level::info, "this is node " + self_.name + " of cluster \""
                         + settings_.name + "\" at " + address_);
  book_.is_own(address_);
  for (const auto& x : settings_.join)
    book_.add_seed(x, now());
  // Some may have come already, and not know where we are.
  for (const auto& [name, x] : peers_)
    send_hello(x.entrance, &x);
  on_time();
}

// -- time ---------------------------------------------------------------------

void membership_actor::on_time() {
  auto t = now();
  if (next_beat_ <= t)
    beat_all();
  drop_silent(t);
  give_up_greetings(t);
  dial_due(t);
  armed_ = time_point::max();
  arm();
}

void membership_actor::beat_all() {
  next_beat_ = now() + settings_.heartbeat;
  tell_peers(beat{});
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
      fail_greetings(x.entrance.address(), "it does not answer");
}

void membership_actor::dial_due(time_point t) {
  for (const auto& address : book_.take_due(t))
    net_->dial(address, this);
}

/// Makes sure of a wake-up when there is something to do next.
void membership_actor::arm() {
  if (leaving_)
    return;
  auto next = next_beat_;
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

// -- nodes come ---------------------------------------------------------------

void membership_actor::greet(const caf::actor& entrance,
                             const std::string& address) {
  watch(entrance);
  greeted_.push_back({entrance, address, now()});
  send_hello(entrance, nullptr);
  arm();
}

void membership_actor::take(const reached& msg) {
  if (leaving_)
    return;
  if (msg.entrance == this)
    book_.is_own(msg.address);
  else if (auto i = find_peer(msg.entrance.address()); i != peers_.end())
    book_.met(msg.address, i->first); // By another name.
  else
    greet(msg.entrance, msg.address);
}

void membership_actor::take(const not_reached& msg) {
  fail(msg.address, what(msg.reason));
}

void membership_actor::take(const hello& msg) {
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
  if (is_new)
    x.counters = counters_for(msg.address);
  if (x.entrance != from) {
    watch(from);
    unwatch(std::exchange(x.entrance, from));
  }
  x.incarnation = msg.incarnation;
  x.address = msg.address;
  x.heard = now();
  for (const auto& address : end_greetings(from.address()))
    book_.met(address, msg.node);
  auto is_news = book_.met(x.address, msg.node);
  for (const auto& y : msg.peers)
    if (peers_.count(y.node) == 0)
      book_.learn(y.address, y.node, x.heard);
  auto is_needed = take_links(msg, x);
  if (is_new || msg.asks || is_needed)
    send_hello(from, &x);
  if (is_new) {
    log(log_level::info, "node " + msg.node + " at " + x.address + " is up");
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
    log(log_level::warning, "refused node at " + msg.address + ": " + why);
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
    if (is_same && x->second.incarnation != msg.incarnation)
      end(x, "restarted");
  }
}

/// @returns whether the other must hear of our links.
bool membership_actor::take_links(const hello& msg, peer& from) {
  bool is_needed = false;
  for (const auto& server : servers_) {
    auto is_same = [&](const link_offer& x) { return x.server == server.name; };
    auto i = std::find_if(msg.links.begin(), msg.links.end(), is_same);
    if (i == msg.links.end())
      continue;
    auto make = [&] {
      link_limits limits{settings_.max_queue_bytes, settings_.on_overflow};
      return spawn_pinned<link_actor>(system(), at(), server.registry, msg.node,
                                      limits, from.counters);
    };
    auto meet = [this](const caf::actor& link, const caf::actor& with) {
      send(link, actors::meet{with});
    };
    auto end = [this](const caf::actor& link) {
      send_exit(link, caf::exit_reason::user_shutdown);
    };
    pairing fresh{self_.name < msg.node};
    auto& pair = from.links.try_emplace(server.name, fresh).first->second;
    is_needed |= pair.take(*i, {make, meet, end});
  }
  return is_needed;
}

/// Others may not know a node that came to us by itself.
void membership_actor::introduce(const acquaintance& who) {
  for (const auto& [name, x] : peers_)
    if (name != who.node)
      send(x.entrance, introduction{who});
}

void membership_actor::take(const refused& msg) {
  fail_greetings(sender().address(), "it refuses us: " + msg.why);
}

void membership_actor::take(const introduction& msg) {
  if (leaving_ || peers_.count(msg.who.node) != 0)
    return;
  book_.learn(msg.who.address, msg.who.node, now());
  arm();
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
    if (&x != known && !x.address.empty())
      msg.peers.push_back({name, x.address});
  for (const auto& [server, registry] : servers_) {
    auto& offer = msg.links.emplace_back();
    offer.server = server;
    if (!known)
      continue;
    if (auto i = known->links.find(server); i != known->links.end()) {
      offer.link = i->second.link();
      offer.met = i->second.met();
    }
  }
  msg.actors = names_.list(name_directory::own);
  send(to, std::move(msg));
}

// -- nodes go -----------------------------------------------------------------

void membership_actor::on_beat() {
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
  send(from, farewell{});
  auto i = find_peer(from.address());
  if (i == peers_.end())
    return;
  auto node = i->first;
  book_.left(node, now());
  end(i, "left");
  finish_leaving_if_alone();
}

void membership_actor::on_farewell() {
  if (!leaving_)
    return;
  if (auto i = find_peer(sender().address()); i != peers_.end())
    end(i, "we left");
  finish_leaving_if_alone();
}

void membership_actor::on_down(const caf::down_msg& msg) {
  std::erase_if(subscribers_,
                [&](const auto& x) { return x.address() == msg.source; });
  for (const auto& x : names_.drop_own(msg.source))
    tell_peers(name_down{x});
  fail_greetings(msg.source, "connection lost");
  if (auto i = find_peer(msg.source); i != peers_.end())
    end(i, "connection lost");
  if (leaving_)
    finish_leaving_if_alone();
}

void membership_actor::end(peer_map::iterator i, const std::string& why) {
  auto node = peers_.extract(i);
  auto& x = node.mapped();
  unwatch(x.entrance);
  for (const auto& [server, pair] : x.links)
    send_exit(pair.link(), caf::exit_reason::user_shutdown);
  book_.lost(node.key(), now());
  log(log_level::info,
      "node " + node.key() + " at " + x.address + " is down: " + why);
  names_.drop(node.key());
  tell_subscribers(node_down{node.key(), x.address, why});
  arm();
}

void membership_actor::leave() {
  if (std::exchange(leaving_, true))
    return;
  tell_peers(goodbye{});
  delayed_send(this, farewell_patience, waited_enough{});
  finish_leaving_if_alone();
}

void membership_actor::finish_leaving_if_alone() {
  if (leaving_ && peers_.empty())
    quit();
}

// -- who is who ---------------------------------------------------------------

caf::actor membership_actor::sender() {
  return caf::actor_cast<caf::actor>(current_sender());
}

membership_actor::peer_map::iterator
membership_actor::find_peer(const caf::actor_addr& entrance) {
  return std::find_if(peers_.begin(), peers_.end(), [&](const auto& x) {
    return x.second.entrance.address() == entrance;
  });
}

bool membership_actor::is_known(const caf::actor_addr& entrance) {
  auto is_same = [&](const acquainting& x) {
    return x.entrance.address() == entrance;
  };
  return find_peer(entrance) != peers_.end()
         || std::any_of(greeted_.begin(), greeted_.end(), is_same);
}

/// An entrance is watched as long as it is known.
void membership_actor::watch(const caf::actor& entrance) {
  if (!is_known(entrance.address()))
    monitor(entrance);
}

void membership_actor::unwatch(const caf::actor& entrance) {
  if (entrance && !is_known(entrance.address()))
    demonitor(entrance);
}

/// @returns the addresses where that node was dialled.
std::vector<std::string>
membership_actor::end_greetings(const caf::actor_addr& entrance) {
  std::vector<std::string> res;
  std::erase_if(greeted_, [&](const acquainting& x) {
    if (x.entrance.address() != entrance)
      return false;
    if (!x.address.empty())
      res.push_back(x.address);
    return true;
  });
  return res;
}

void membership_actor::fail_greetings(const caf::actor_addr& entrance,
                                      const std::string& why) {
  auto xs = end_greetings(entrance);
  for (const auto& address : xs)
    fail(address, why);
  if (!xs.empty() && !is_known(entrance))
    demonitor(entrance);
}

void membership_actor::fail(const std::string& address,
                            const std::string& why) {
  if (book_.failed(address, why, now()))
    log(log_level::warning,
        "cannot meet the node at " + address + ": " + why + "; trying on");
  arm();
}

// -- users --------------------------------------------------------------------

caf::result<void> membership_actor::take(const register_actor& msg) {
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
  subscribers_.push_back(std::move(who));
}

std::vector<node_info> membership_actor::list() const {
  std::vector<node_info> res;
  for (const auto& [name, x] : peers_)
    res.push_back({name, x.address, x.incarnation, link_state::up});
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
  }
  return res;
}

std::shared_ptr<link_counters>
membership_actor::counters_for(const std::string& address) {
  auto sought = book_.unmet();
  std::erase_if(counters_, [&](const auto& x) {
    return x.second.use_count() == 1
           && std::find(sought.begin(), sought.end(), x.first) == sought.end();
  });
  auto& res = counters_[address];
  if (!res)
    res = std::make_shared<link_counters>();
  return res;
}

} // namespace troupe::actors
