#pragma once

#include <caf/actor_clock.hpp>
#include <caf/timespan.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Which nodes see each other, as far as they say so: finds pairs of nodes that
/// are up and cannot reach each other (a partial partition). Does nothing by
/// itself: it is told the time and what happened.
///
/// Nodes learn of each other at different times, so a pair counts only once it
/// has been apart for a while.
class sightings {
public:
  using time_point = caf::actor_clock::time_point;

  /// So many names are kept of what one node sees.
  static constexpr size_t most_seen = 1024;

  /// @param own       this node's name.
  /// @param patience  how long a pair must be apart.
  sightings(std::string own, caf::timespan patience);

  /// `node` is up, and sees these.
  void set(const std::string& node, const std::vector<std::string>& seen);

  /// `node` is not up any more.
  void drop(const std::string& node);

  /// Two nodes, one of which may be this one, that began or ceased to be cut
  /// off from each other.
  struct change {
    std::string one;
    std::string other;
    bool is_cut = false;
  };

  /// @returns what has changed since the last call.
  std::vector<change> update(time_point now);

  /// The nodes that are up and cannot be reached by `node`, as it says. As of
  /// the last `update`.
  std::vector<std::string> unseen_by(const std::string& node) const;

private:
  using pair = std::pair<std::string, std::string>; ///< The lower name first.

  struct gap {
    time_point since;
    bool is_told = false;
  };

  bool sees(const std::string& node, const std::string& other) const;
  std::set<pair> find_gaps() const;
  std::vector<change> end_gaps(const std::set<pair>& now_open);

  std::string own_;
  caf::timespan patience_;
  std::map<std::string, std::set<std::string>> seen_; ///< By node.
  std::map<pair, gap> gaps_;
  bool has_changed_ = false; ///< Since the last update.
  bool is_waiting_ = false;  ///< For gaps to last long enough.
};

} // namespace troupe::actors
