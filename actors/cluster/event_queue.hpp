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

/// Events of connections of this node that wait to be reported to another node,
/// in order. If more than `most` wait, the events of a connection that has come
/// and gone in the meantime are dropped, which leaves the other node with the
/// correct state. Therefore, at most one up for each existing connection and
/// one down for each reported connection wait beyond `most`. The bridges of all
/// servers to the node share `most`.
class event_queue {
public:
  static constexpr size_t most = 1024;

  explicit event_queue(std::shared_ptr<bridge_counters> counters);

  /// @pre ups and downs of an id alternate, starting with an up.
  void add(const msg::connection_up& x);
  void add(const msg::connection_down& x);

  /// Returns the next event to report, without its round; none if none waits.
  std::optional<event_report> next();

  /// Drops all events. Called when the other node ends its subscription.
  void clear();

  /// Drops all events. Called when the bridge terminates.
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
  /// Waiting ups that are not followed by a down, by id.
  std::unordered_map<std::string, std::list<waiting>::iterator> ups_;
};

} // namespace troupe::actors
