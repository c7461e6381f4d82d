#pragma once

#include "actors/cluster/cluster_messages.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace troupe::actors {

/// Decides which nodes may join, and logs each refusal once.
class admission {
public:
  /// Maximum number of addresses that are remembered, to log each refusal once.
  static constexpr size_t most_refusals = 100;

  /// @param node the name of this node.
  admission(std::string cluster, std::string node)
    : cluster_(std::move(cluster)),
      node_(std::move(node)) {
  }

  /// Returns the protocol version that this node states in its `hello`.
  static std::string protocol();

  /// @returns why the sender of `msg` may not join; empty if it may.
  std::string objection(const hello& msg) const;

  /// Logs that the node at `address` was refused, unless its last refusal had
  /// the same reason.
  void log_refusal(const std::string& address, const std::string& why);

private:
  std::string cluster_;
  std::string node_;
  std::map<std::string, std::string> refusals_; ///< By address.
};

} // namespace troupe::actors
