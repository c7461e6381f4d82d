#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "troupe/cluster.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::actors {

/// Counters of the links to other nodes, by address. A node that returns to its
/// address finds its previous counts, as long as the address is sought or the
/// counters are in use.
class link_counters {
public:
  /// Returns the counters of `address`, which are created if necessary. Removes
  /// counters of other addresses that are neither in use nor sought.
  /// @param sought addresses whose counters are kept in any case.
  std::shared_ptr<bridge_counters> get(const std::string& address,
                                       const std::vector<std::string>& sought);

  /// Sets the counts of `x` if there are counters of its address.
  void fill(node_info& x) const;

private:
  std::map<std::string, std::shared_ptr<bridge_counters>> counters_;
};

} // namespace troupe::actors
