#pragma once

#include "actors/cluster/cluster_messages.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace troupe::actors {

/// Which nodes may join, and which refusals are logged already.
class admission {
public:
  /// So many addresses of refused nodes are remembered, to log each once.
  static constexpr size_t most_refusals = 100;

  /// @param node this node's name.
  admission(std::string cluster, std::string node)
    : cluster_(std::move(cluster)),
      node_(std::move(node)) {
  }

  /// What a `hello` of this node says that it speaks.
  static std::string protocol();

  /// @returns why the sender of `msg` may not join; empty if it may.
  std::string objection(const hello& msg) const;

  /// Logs that the node at `address` was refused, unless it was so for the same
  /// reason the last time.
  void log_refusal(const std::string& address, const std::string& why);

private:
  std::string cluster_;
  std::string node_;
  std::map<std::string, std::string> refusals_; ///< By address.
};

} // namespace troupe::actors
