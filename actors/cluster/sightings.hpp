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

/// Knows which nodes see each other according to their reports, and finds pairs
/// of nodes that are up and cannot reach each other (a partial partition). A
/// passive data structure: the owner reports the time and events.
///
/// Nodes learn of each other at different times, so a pair is reported only
/// after it has been apart for a while.
class sightings {
public:
  using time_point = caf::actor_clock::time_point;

  /// Maximum number of names that are stored for one node.
  static constexpr size_t most_seen = 1024;

  /// @param own       the name of this node.
  /// @param patience  how long a pair has to be apart to be reported.
  sightings(std::string own, caf::timespan patience);

  /// Notes that `node` is up and sees the nodes `seen`.
  void set(const std::string& node, const std::vector<std::string>& seen);

  /// Notes that `node` is no longer up.
  void drop(const std::string& node);

  /// A pair of nodes that have been cut off from each other, or no longer are.
  /// One of them may be this node.
  struct change {
    std::string one;
    std::string other;
    bool is_cut = false;
  };

  /// Returns what has changed since the last call.
  std::vector<change> update(time_point now);

  /// Returns `x` as a line for the log.
  std::string describe(const change& x) const;

  /// Returns the nodes that are up and that `node` does not see, as of the last
  /// `update`.
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
  bool is_waiting_ = false;  ///< Some gaps have not lasted long enough.
};

} // namespace troupe::actors
