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

  cluster_stage cluster;
};

} // namespace troupe::test
