#pragma once

#include "net/basp/basp_transport.hpp"
#include "net/support/client.hpp"
#include "troupe/cluster.hpp"
#include "troupe/error.hpp"
#include "troupe/runtime.hpp"

#include <caf/actor_system.hpp>
#include <caf/node_id.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// A node as far as its sockets go. Its membership answers a text with it.
class node {
public:
  explicit node(const cluster_config& cluster = settings(),
                net::dialer::resolver resolve = {});
  ~node();

  /// Loopback, and no heartbeat while a test runs.
  static cluster_config settings();

  /// Listens at a free port.
  /// @returns the address.
  std::string open();

  /// What came of a dial.
  struct outcome {
    caf::actor entrance; ///< Null if there was none...
    std::string why;     ///< ...and why not.
  };

  /// Goes to all of these at once.
  /// @returns who answered, in the order of the answers.
  std::vector<std::pair<std::string, outcome>>
  dial_all(const std::vector<std::string>& addresses);

  outcome dial(const std::string& address);

  /// Whether `entrance` answers as it should.
  bool talks_to(const caf::actor& entrance);

  /// Waits until `entrance` is gone.
  bool loses(const caf::actor& entrance);

  struct config : runtime_config {
    explicit config(const cluster_config& cluster);
  };

  config cfg;
  caf::actor_system sys;
  std::shared_ptr<actors::cluster_transport> cluster_transport;
  caf::actor entrance;
  cluster_config cluster;
};

/// The port of an address such as `node::open` returns.
inline uint16_t port_of(const std::string& address) {
  auto digits = address.substr(address.rfind(':') + 1);
  return static_cast<uint16_t>(std::stoi(digits));
}

/// Whether the other side has closed, or does so within ten seconds.
inline bool is_shut_out(client& x) {
  for (auto i = 0; i < 2; ++i)
    try {
      x.read_all();
      return true;
    } catch (const std::runtime_error&) {
    }
  return false;
}

} // namespace troupe::test
