#pragma once

#include <caf/actor_clock.hpp>
#include <caf/timespan.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace troupe::actors {

/// The addresses of other nodes, and when to dial which. A passive data
/// structure: the owner reports the time and events.
///
/// An address that does not respond is dialed again after 100 to 200 ms, then
/// at increasing intervals up to `longest_wait`. Up to one half of each
/// interval is random, so that nodes do not dial in step. An address that was
/// learned from other nodes is forgotten after an hour; a seed is never
/// forgotten.
///
/// A seed may be a name or a virtual address that leads to several nodes, this
/// one included. Therefore, a seed is also dialed again after it led back to
/// this node (as after a failure) or to a node that has another address (once a
/// minute). Otherwise, two groups of nodes could stay apart forever.
class address_book {
public:
  using time_point = caf::actor_clock::time_point;

  static constexpr caf::timespan shortest_wait = std::chrono::milliseconds{100};
  static constexpr caf::timespan memory = std::chrono::hours{1};
  static constexpr caf::timespan probe_wait = std::chrono::minutes{1};

  /// @param own          the name of this node. Of two nodes that know each
  ///                     other's names, the lower one dials at once, and the
  ///                     other one waits first, since crossing dials can cost
  ///                     both connections.
  /// @param head_start   how long the other one waits.
  /// @param longest_wait between two attempts; at least 200 ms.
  address_book(std::string own, caf::timespan head_start,
               caf::timespan longest_wait, uint64_t random_seed);

  /// Adds an address that is never forgotten.
  void add_seed(const std::string& address, time_point now);

  /// Notes that another node has announced `node` at `address`.
  void learn(const std::string& address, const std::string& node,
             time_point now);

  /// Returns the addresses to dial now. For each of them, the caller has to
  /// call exactly one of `failed`, `met`, `met_elsewhere` and `led_back`
  /// afterwards.
  std::vector<std::string> pop_due(time_point now);

  /// Notes that the dial of `address` has failed, or has reached a node that
  /// does not match.
  /// @returns whether to report that: false if the previous dial has failed for
  ///          the same reason.
  bool failed(const std::string& address, const std::string& why,
              time_point now);

  /// Notes that `node` is at `address`, which is not dialed any more.
  /// @returns whether that is news.
  bool met(const std::string& address, const std::string& node);

  /// Notes that the dial of `address` has reached `node`, which has another
  /// address.
  void met_elsewhere(const std::string& address, const std::string& node,
                     time_point now);

  /// Notes that `address` is that of this node and must never be dialed.
  void mark_own(const std::string& address);

  /// Notes that the dial of `address` has reached this node.
  /// @returns whether that is news.
  bool led_back(const std::string& address, time_point now);

  /// Notes that `node` is lost. Its addresses are dialed again.
  void lost(const std::string& node, time_point now);

  /// Notes that `node` has left the cluster. Its addresses are forgotten,
  /// except for seeds, which are dialed again.
  void left(const std::string& node, time_point now);

  /// Returns when to call `pop_due` next; none if no address is to be dialed.
  std::optional<time_point> next() const;

  /// Returns the addresses at which no node was met.
  std::vector<std::string> unmet() const;

private:
  static constexpr time_point never = time_point::max();

  enum class state { waiting, dialing, met, own, led_back };

  struct entry {
    state is = state::waiting;
    bool is_seed = false;
    std::string node; ///< Last known node there; may be empty.
    time_point due = never;
    time_point since; ///< When it was learned or lost.
    caf::timespan wait = shortest_wait;
    std::string complaint; ///< Why the last dial failed.
  };

  void await(entry& x, time_point now);
  void back_off(entry& x, time_point now);
  caf::timespan jitter(caf::timespan x);

  std::string own_;
  caf::timespan head_start_;
  caf::timespan longest_wait_;
  std::minstd_rand random_;
  std::map<std::string, entry> entries_; ///< By address.
};

} // namespace troupe::actors
