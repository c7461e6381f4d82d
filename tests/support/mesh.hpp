#pragma once

#include "actors/cluster/membership_actor.hpp"
#include "support/break_down.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/make_message.hpp>
#include <caf/send.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// @file
///
/// Several membership actors in one actor system, connected by a transport
/// without sockets, in which a test can cause failures.

namespace troupe::test {

inline bool is_over(const caf::actor& x) {
  return caf::actor_cast<caf::abstract_actor*>(x)->getf(
    caf::abstract_actor::is_terminated_flag);
}

struct mesh_node {
  std::string name;
  std::string address;
  uint64_t incarnation = 0;
  caf::actor actor;
};

class mesh {
public:
  enum direction { both_ways, one_way };

  explicit mesh(caf::actor_system& sys) : sys_(sys) {
  }

  /// Duration of a dial.
  caf::timespan latency{0};

  ~mesh() {
    for (auto& [ends, x] : wires_)
      caf::anon_send_exit(x, caf::exit_reason::kill);
  }

  /// Makes a node that can be dialed, but does not dial before `begin`.
  std::shared_ptr<mesh_node> make(const std::string& name, cluster_config cfg,
                                  std::vector<actors::cluster_server> servers);

  void begin(const mesh_node& x);

  /// Ends a node as a crash does.
  void kill(mesh_node& x);

  /// Makes `address` lead to `x`, in addition to other addresses.
  void add_address(const std::string& address,
                   const std::shared_ptr<mesh_node>& x) {
    addresses_[address] = x;
  }

  /// Makes `address` lead to `x` for dials of `node`.
  void redirect(const std::string& node, const std::string& address,
                const std::shared_ptr<mesh_node>& x) {
    redirected_[{node, address}] = x;
  }

  /// Makes dials of `node` to `address` fail.
  void block(const std::string& node, const std::string& address) {
    blocked_.emplace(node, address);
  }

  /// Drops all messages of `from` to `to`, without closing the connection.
  void silence(const std::string& from, const std::string& to,
               direction how = both_ways) {
    silent_.emplace(from, to);
    if (how == both_ways)
      silent_.emplace(to, from);
  }

  void heal_silence() {
    silent_.clear();
  }

  void heal() {
    silent_.clear();
    blocked_.clear();
  }

  /// Breaks the connection of `who` and `peer`, which only `who` notices.
  void lose_for(const std::string& who, const std::string& peer);

  /// Returns the addresses that a node has dialed, in order.
  std::vector<std::string> dials(const std::string& node) {
    return dials_[node];
  }

  /// Returns the number of all hellos so far.
  size_t hellos() const noexcept {
    return hello_count_;
  }

  void repeat_last_hello(const mesh_node& from, const mesh_node& to);

  /// Returns the bridge that `from` has offered to `to` last.
  caf::actor last_bridge(const mesh_node& from, const mesh_node& to);

  /// Returns whether the bridges of two nodes are counterparts and have not
  /// terminated.
  bool bridges_have_met(const mesh_node& x, const mesh_node& y);

private:
  using pair = std::pair<std::string, std::string>;

  class wire;
  class fake_transport;

  caf::actor handle_for(const mesh_node& who,
                        const std::shared_ptr<mesh_node>& target);
  void dial(const std::string& from, const std::string& address,
            const caf::actor& asks);
  std::shared_ptr<mesh_node> find(const std::string& from,
                                  const std::string& address);

  caf::actor_system& sys_;
  uint64_t last_incarnation_ = 0;
  std::map<std::string, std::shared_ptr<mesh_node>> addresses_;
  std::map<std::string, std::shared_ptr<mesh_node>> nodes_;
  /// The actor that represents a node (second) on another one (first).
  std::map<pair, caf::actor> wires_;
  std::map<pair, actors::hello> hellos_; ///< The last ones.
  size_t hello_count_ = 0;
  std::map<pair, std::shared_ptr<mesh_node>> redirected_;
  std::set<pair> blocked_;
  std::set<pair> silent_;
  std::map<std::string, std::vector<std::string>> dials_;
};

/// Represents the membership of another node, as a proxy does.
class mesh::wire final : public caf::event_based_actor {
public:
  wire(caf::actor_config& cfg, mesh* parent, pair ends, caf::actor to)
    : caf::event_based_actor(cfg),
      parent_(parent),
      ends_(std::move(ends)),
      to_(std::move(to)) {
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
    if (parent_->silent_.count(ends_) != 0)
      return;
    if (what.match_elements<actors::hello>()) {
      ++parent_->hello_count_;
      parent_->hellos_[ends_] = what.get_as<actors::hello>(0);
    }
    auto back = parent_->wires_.find({ends_.second, ends_.first});
    if (back != parent_->wires_.end())
      to_->enqueue(caf::actor_cast<caf::strong_actor_ptr>(back->second),
                   caf::make_message_id(), std::move(what), context());
  }

  mesh* parent_;
  pair ends_;
  caf::actor to_;
};

class mesh::fake_transport final : public actors::cluster_transport {
public:
  fake_transport(mesh* parent, std::string node)
    : parent_(parent),
      node_(std::move(node)) {
  }

  caf::expected<uint16_t> listen(const std::string&, caf::actor) override {
    return uint16_t{1};
  }

  void dial(const std::string& address, caf::actor asks) override {
    parent_->dial(node_, address, asks);
  }

  void stop() override {
  }

private:
  mesh* parent_;
  std::string node_;
};

inline std::shared_ptr<mesh_node>
mesh::make(const std::string& name, cluster_config cfg,
           std::vector<actors::cluster_server> servers) {
  auto res = std::make_shared<mesh_node>();
  res->name = name;
  res->address = cfg.listen;
  res->incarnation = ++last_incarnation_;
  res->actor = actors::spawn_pinned<actors::membership_actor>(
    sys_, nullptr, std::move(cfg),
    actors::node_identity{name, res->incarnation});
  for (auto& x : servers)
    caf::anon_send(res->actor, std::move(x));
  addresses_[res->address] = res;
  nodes_[name] = res;
  return res;
}

inline void mesh::begin(const mesh_node& x) {
  auto net = std::make_shared<fake_transport>(this, x.name);
  caf::anon_send(x.actor, actors::begin_membership{x.address, net});
}

inline void mesh::kill(mesh_node& x) {
  break_down(x.actor);
  std::erase_if(addresses_,
                [&](const auto& y) { return y.second.get() == &x; });
  nodes_.erase(x.name);
  std::erase_if(wires_, [&](const auto& y) {
    if (y.first.first != x.name && y.first.second != x.name)
      return false;
    caf::anon_send_exit(y.second, caf::exit_reason::kill);
    return true;
  });
}

inline void mesh::lose_for(const std::string& who, const std::string& peer) {
  auto entry = wires_.extract({who, peer});
  caf::anon_send_exit(entry.mapped(), caf::exit_reason::kill);
}

inline void mesh::repeat_last_hello(const mesh_node& from,
                                    const mesh_node& to) {
  caf::anon_send(wires_.at({from.name, to.name}),
                 hellos_.at({from.name, to.name}));
}

inline caf::actor mesh::last_bridge(const mesh_node& from,
                                    const mesh_node& to) {
  return hellos_.at({from.name, to.name}).bridges.at(0).bridge;
}

inline bool mesh::bridges_have_met(const mesh_node& x, const mesh_node& y) {
  if (hellos_.count({x.name, y.name}) == 0
      || hellos_.count({y.name, x.name}) == 0)
    return false;
  const auto& one = hellos_.at({x.name, y.name}).bridges.at(0);
  const auto& two = hellos_.at({y.name, x.name}).bridges.at(0);
  return one.bridge && two.bridge && !is_over(one.bridge)
         && !is_over(two.bridge)
         && (one.met == two.bridge || two.met == one.bridge);
}

/// Returns the actor that represents the membership of `target` on `who`. It
/// stays the same until the connection breaks.
inline caf::actor mesh::handle_for(const mesh_node& who,
                                   const std::shared_ptr<mesh_node>& target) {
  auto& res = wires_[{who.name, target->name}];
  if (!res)
    res = sys_.spawn<wire>(this, pair{who.name, target->name}, target->actor);
  return res;
}

/// Returns the node that a dial reaches; null if there is none.
inline std::shared_ptr<mesh_node> mesh::find(const std::string& from,
                                             const std::string& address) {
  if (auto i = redirected_.find({from, address}); i != redirected_.end())
    return i->second;
  auto i = addresses_.find(address);
  return i == addresses_.end() ? nullptr : i->second;
}

inline void mesh::dial(const std::string& from, const std::string& address,
                       const caf::actor& asks) {
  dials_[from].push_back(address);
  auto target = find(from, address);
  caf::message answer;
  if (!target || blocked_.count({from, address}) != 0) {
    answer = caf::make_message(actors::not_reached{
      address, make_error(errc::connection_lost, "nobody there")});
  } else if (target->actor == asks) {
    answer = caf::make_message(actors::reached{address, asks});
  } else {
    auto me = nodes_.at(from);
    handle_for(*target, me);
    answer
      = caf::make_message(actors::reached{address, handle_for(*me, target)});
  }
  sys_.clock().schedule_message(
    sys_.clock().now() + latency, caf::actor_cast<caf::strong_actor_ptr>(asks),
    caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                              std::move(answer)));
}

} // namespace troupe::test
