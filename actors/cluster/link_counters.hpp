#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "troupe/cluster.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::actors {

/// The counters of the links to other nodes, by address. They go on when a node
/// comes back to its address, as long as that is sought.
class link_counters {
public:
  /// Finds or makes those of `address`, and forgets those that nobody uses.
  /// @param sought addresses whose counters are kept in any case.
  std::shared_ptr<bridge_counters> get(const std::string& address,
                                       const std::vector<std::string>& sought);

  /// Sets the counts of `x`, if there are any of its address.
  void fill(node_info& x) const;

private:
  std::map<std::string, std::shared_ptr<bridge_counters>> counters_;
};

} // namespace troupe::actors
