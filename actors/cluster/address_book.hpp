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

/// The addresses of other nodes, and when to try which. Does nothing by itself:
/// it is told the time and what happened.
///
/// An address that does not answer is tried again after 100 to 200 ms, then
/// ever more rarely, up to a longest wait; chance, which is up to one half of
/// each wait, keeps nodes from dialling in step. One that was learned from
/// others is forgotten after an hour; the seeds never are.
///
/// A seed may be a name or a virtual address that leads to several nodes, this
/// one included. So a seed is tried again, too, after it led back to this node
/// (as if it had failed) or to a node that says it is elsewhere (once a
/// minute); else two groups of nodes could stay apart for ever.
class address_book {
public:
  using time_point = caf::actor_clock::time_point;

  static constexpr caf::timespan shortest_wait = std::chrono::milliseconds{100};
  static constexpr caf::timespan memory = std::chrono::hours{1};
  static constexpr caf::timespan probe_wait = std::chrono::minutes{1};

  /// @param own         this node's name. Of two nodes that know each other's,
  ///                    the lower dials at once: two dials that cross can cost
  ///                    both connections.
  /// @param head_start   how long the other waits before it dials, too.
  /// @param longest_wait between two attempts; at least 200 ms.
  address_book(std::string own, caf::timespan head_start,
               caf::timespan longest_wait, uint64_t random_seed);

  /// This address is to be tried for ever.
  void add_seed(const std::string& address, time_point now);

  /// Somebody says that `node` is at `address`.
  void learn(const std::string& address, const std::string& node,
             time_point now);

  /// Takes the addresses that are to be dialled now: exactly one of `failed`,
  /// `met`, `met_elsewhere` and `led_back` must follow for each.
  std::vector<std::string> pop_due(time_point now);

  /// Nobody answered, or one that is of no use.
  /// @returns whether that is news: it answered before, or for another reason.
  bool failed(const std::string& address, const std::string& why,
              time_point now);

  /// `node` is there, no need to dial.
  /// @returns whether that is news.
  bool met(const std::string& address, const std::string& node);

  /// The dial of `address` reached `node`, which says it is somewhere else.
  void met_elsewhere(const std::string& address, const std::string& node,
                     time_point now);

  /// That is this node's own address: never dial it.
  void mark_own(const std::string& address);

  /// The dial of `address` reached this node itself.
  /// @returns whether that is news.
  bool led_back(const std::string& address, time_point now);

  /// `node` is not there any more: dial it.
  void lost(const std::string& node, time_point now);

  /// `node` has left by itself: do not look for it, unless it is at a seed.
  void left(const std::string& node, time_point now);

  /// When to call `pop_due` next.
  std::optional<time_point> next() const;

  /// Where no node was met.
  std::vector<std::string> unmet() const;

private:
  static constexpr time_point never = time_point::max();

  enum class state { waiting, dialling, met, own, led_back };

  struct entry {
    state is = state::waiting;
    bool is_seed = false;
    std::string node; ///< Who is or was there; empty if unknown.
    time_point due = never;
    time_point since; ///< When it was learned or lost.
    caf::timespan wait = shortest_wait;
    std::string complaint; ///< Why it failed last.
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
