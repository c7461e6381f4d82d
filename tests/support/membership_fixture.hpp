#pragma once

#include "support/fixture.hpp"
#include "support/mesh.hpp"
#include "troupe/log.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

using namespace std::chrono_literals;
using namespace troupe::actors;

/// Nodes under virtual time, and recorders for what they report.
struct membership_fixture : fixture {
  using node_ptr = std::shared_ptr<test::mesh_node>;

  ~membership_fixture() {
    set_log_sink({});
    set_log_config({});
    for (auto& x : all)
      test::break_down(x->actor);
    for (auto& x : listeners)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    settle();
  }

  /// Makes a node with the address `<name>:1`, or `address`.
  node_ptr make(const std::string& name, strings join = {},
                std::function<void(cluster_config&)> adjust = {},
                std::string address = {}) {
    cluster_config settings;
    settings.listen = address.empty() ? name + ":1" : std::move(address);
    settings.join = std::move(join);
    if (adjust)
      adjust(settings);
    auto res = mesh.make(name, settings, {{"/", server.registry()}});
    all.push_back(res);
    return res;
  }

  /// Makes a node and starts it, so that it meets its seeds.
  node_ptr start(const std::string& name, strings join = {},
                 std::function<void(cluster_config&)> adjust = {},
                 std::string address = {}) {
    auto res = make(name, std::move(join), std::move(adjust),
                    std::move(address));
    mesh.begin(*res);
    pass(10ms);
    return res;
  }

  /// Runs all actors without advancing the time.
  void settle() {
    while (sched.try_run_once())
      ; // again
  }

  void pass(caf::timespan how_long) {
    constexpr caf::timespan step = 10ms;
    settle();
    for (; how_long > caf::timespan{0}; how_long -= step) {
      advance_time(step);
      settle();
    }
  }

  /// Records what `x` reports to its subscribers.
  std::shared_ptr<strings> listen_to(const node_ptr& x) {
    auto res = std::make_shared<strings>();
    auto who = sys.spawn([res]() -> caf::behavior {
      return {
        [res](const node_up& y) { res->push_back("up " + y.name); },
        [res](const node_down& y) {
          res->push_back("down " + y.name + ": " + y.reason);
        },
        [res](const actor_up& y) { res->push_back("actor " + y.name); },
        [res](const actor_down& y) { res->push_back("no actor " + y.name); },
      };
    });
    listeners.push_back(who);
    caf::anon_send(x->actor, subscribe_nodes{who});
    settle();
    return res;
  }

  template <class T, class Request>
  T ask_node(const node_ptr& whom, Request what) {
    T res{};
    failure = caf::error{};
    auto handle = self->request(whom->actor, caf::infinite, std::move(what));
    settle();
    handle.receive([&](T& x) { res = std::move(x); },
                   [&](caf::error& err) { failure = std::move(err); });
    return res;
  }

  caf::error name_actor(const node_ptr& where, const std::string& name,
                        const caf::actor& who) {
    caf::error res;
    auto handle = self->request(where->actor, caf::infinite,
                                register_actor{name, who});
    settle();
    handle.receive([] {}, [&](caf::error& err) { res = std::move(err); });
    return res;
  }

  /// Returns the names of the nodes that are up for `x`.
  strings known_to(const node_ptr& x) {
    strings res;
    for (const auto& y : ask_node<std::vector<node_info>>(x, nodes{}))
      if (y.state == link_state::up)
        res.push_back(y.name);
    return res;
  }

  /// Returns the addresses that `x` tries to reach.
  strings sought_by(const node_ptr& x) {
    strings res;
    for (const auto& y : ask_node<std::vector<node_info>>(x, nodes{}))
      if (y.state == link_state::connecting)
        res.push_back(y.address);
    return res;
  }

  /// Returns the names of the nodes that `name` cannot see, according to `x`.
  strings unseen_by(const node_ptr& x, const std::string& name) {
    for (const auto& y : ask_node<std::vector<node_info>>(x, nodes{}))
      if (y.name == name)
        return y.cannot_see;
    return {};
  }

  /// Records the lines of the log that contain `what`.
  std::shared_ptr<strings> note_lines(const std::string& what) {
    auto res = std::make_shared<strings>();
    set_log_config({.quota = 0});
    set_log_sink([res, what](log_level, std::string_view line) {
      if (line.find(what) != line.npos)
        res->emplace_back(line);
    });
    return res;
  }

  caf::actor spawn_idle() {
    listeners.push_back(
      sys.spawn([]() -> caf::behavior { return {[](caf::unit_t) {}}; }));
    return listeners.back();
  }

  void kill(const caf::actor& x) {
    caf::anon_send_exit(x, caf::exit_reason::kill);
    settle();
  }

  test::mesh mesh{sys};
  std::vector<node_ptr> all;
  std::vector<caf::actor> listeners;
};

} // namespace troupe::test
