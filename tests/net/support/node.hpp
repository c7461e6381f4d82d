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

/// The sockets of a node. Its membership actor echoes text.
class node {
public:
  explicit node(const cluster_config& cluster = settings(),
                net::dialer::resolver resolve = {});
  ~node();

  /// Returns settings with the loopback address and without heartbeats during a
  /// test.
  static cluster_config settings();

  /// Listens on a free port.
  std::string open();

  /// The outcome of a dial.
  struct outcome {
    caf::actor entrance; ///< Null if the dial failed.
    std::string why;     ///< The reason if it failed.
  };

  /// Dials all addresses at once.
  /// @returns the outcomes by address, in the order in which they arrive.
  std::vector<std::pair<std::string, outcome>>
  dial_all(const std::vector<std::string>& addresses);

  outcome dial(const std::string& address);

  /// Returns whether `entrance` echoes text.
  bool talks_to(const caf::actor& entrance);

  /// Waits until `entrance` has terminated.
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

/// Returns the port of an address, as returned by `node::open`.
inline uint16_t port_of(const std::string& address) {
  auto digits = address.substr(address.rfind(':') + 1);
  return static_cast<uint16_t>(std::stoi(digits));
}

/// Returns whether the peer has closed the connection, or does so within ten
/// seconds.
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
