#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "troupe/messages.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace troupe::actors {

/// Which connections came and went here and another node is still to be told,
/// in order. If too many wait, it is not told at all of one that came and went
/// meanwhile: what it knows is right in the end, whatever it missed. So what
/// waits beyond `most`, which the bridges of all servers to the node share, is
/// at most an up for each connection there is, and a down for each that it was
/// told of.
class event_queue {
public:
  static constexpr size_t most = 1024;

  explicit event_queue(std::shared_ptr<bridge_counters> counters);

  /// @pre each id comes, then goes, and so on.
  void add(const msg::connection_up& x);
  void add(const msg::connection_down& x);

  /// The next one to tell; none if nothing waits.
  std::optional<event_report> next();

  /// Forgets what waits: the other node does not want it any more.
  void clear();

  /// The bridge ends: nothing is told any more.
  void abandon();

  size_t size() const noexcept {
    return queue_.size();
  }

private:
  struct waiting {
    std::string id;
    caf::message what;
  };

  void push(waiting x);

  std::shared_ptr<bridge_counters> counters_;
  share share_;
  std::list<waiting> queue_;
  /// The ups that wait and have no down behind them.
  std::unordered_map<std::string, std::list<waiting>::iterator> ups_;
};

} // namespace troupe::actors
