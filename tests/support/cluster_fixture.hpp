#pragma once

#include "support/cluster_stage.hpp"
#include "support/fixture.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace troupe::test {

/// A server on three nodes under virtual time, in addition to the server of
/// `fixture`.
struct cluster_fixture : fixture {
  explicit cluster_fixture(config settings = {})
    : cluster(sys, 3, {}, obey_clients, {}, std::move(settings)) {
    run();
  }

  ~cluster_fixture() {
    cluster.stop();
    run();
    advance_time(std::chrono::seconds{2});
    run();
  }

  /// Connects a client on a node.
  fake_client connect(size_t node, std::string id) {
    auto res = cluster[node].connect(std::move(id));
    run();
    return res;
  }

  fake_client member(size_t node, std::string id, const std::string& room) {
    auto res = connect(node, std::move(id));
    say(res, "m:join;0;" + room);
    return res;
  }

  void wait(std::chrono::seconds time) {
    for (; time.count() > 0; --time) {
      advance_time(std::chrono::seconds{1});
      run();
    }
  }

  /// Ends the bridge from one node to another as the membership does.
  void lose(const caf::actor& bridge) {
    caf::anon_send(bridge, actors::dismiss{});
    run();
  }

  /// An id such as ours on a node.
  static std::string id_on(size_t node) {
    return "3f1c2a00-0000-4000-8000-000000000000@" + cluster_stage::name(node);
  }

  cluster_stage cluster;
};

} // namespace troupe::test
