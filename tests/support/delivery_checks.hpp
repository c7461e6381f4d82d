#pragma once

#include "support/delivery_record.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace troupe::test {

/// Compares what was received in an epoch with what messages.hpp promises. A
/// check that fails throws `std::logic_error` with a description.
class delivery_checks {
public:
  explicit delivery_checks(const delivery_record& what) : record_(what) {
  }

  /// Runs all checks.
  /// @returns the number of deliveries.
  size_t run() const {
    size_t res = 0;
    std::set<size_t> nodes;
    for (const auto& who : record_.players) {
      check(who);
      res += who.heard.size();
      nodes.insert(who.node);
    }
    for (auto node : nodes)
      check_common_order(node);
    return res;
  }

  /// Checks that nothing waits for bots that rest: all messages that are
  /// neither from nor for such a bot have arrived.
  void run_while_some_rest() const {
    for (const auto& who : record_.players)
      if (!who.resting)
        check_complete(who, [this](const posted& x) {
          return !record_.players[x.sender].resting;
        });
  }

private:
  void check(const player& who) const {
    std::set<size_t> seen;
    std::map<std::pair<size_t, std::string>, size_t> last;
    for (const auto& text : who.heard) {
      auto number = static_cast<size_t>(std::stoul(text));
      const auto& x = record_.posts.at(number);
      if (!seen.insert(number).second)
        record_.fail(who, text + " came twice");
      if (record_.reach_of(x, who) == reach::no)
        record_.fail(who, record_.describe(x) + " is not for it");
      auto [i, is_first] = last.emplace(std::pair{x.sender, x.path}, number);
      if (!is_first && i->second > number)
        record_.fail(who, record_.describe(x) + " came after "
                            + record_.describe(record_.posts[i->second]));
      i->second = number;
    }
    check_complete(who, [](const posted&) { return true; });
  }

  template <class Predicate>
  void check_complete(const player& who, Predicate counts) const {
    std::set<std::string> heard{who.heard.begin(), who.heard.end()};
    for (const auto& x : record_.posts)
      if (counts(x) && record_.reach_of(x, who) == reach::yes
          && heard.count(std::to_string(x.number)) == 0)
        record_.fail(who, record_.describe(x) + " is missing");
  }

  /// Checks that the orders in which members on one node have received the
  /// messages of one room have a common extension, that is, form a graph
  /// without cycles.
  void check_common_order(size_t node) const {
    std::map<std::string, std::map<size_t, std::set<size_t>>> after;
    for (const auto& who : record_.players) {
      if (who.node != node)
        continue;
      std::map<std::string, size_t> previous;
      for (const auto& text : who.heard) {
        const auto& x = record_.posts.at(std::stoul(text));
        if (!x.is_for_many())
          continue;
        auto [i, is_first] = previous.emplace(x.target, x.number);
        if (!is_first)
          after[x.target][i->second].insert(x.number);
        i->second = x.number;
      }
    }
    for (auto& [room, edges] : after)
      if (has_cycle(edges))
        throw std::logic_error("no common order in room '" + room + "'");
  }

  static bool has_cycle(const std::map<size_t, std::set<size_t>>& edges) {
    std::map<size_t, int> state; // 1: being visited, 2: done
    std::function<bool(size_t)> visit = [&](size_t x) {
      if (state[x] != 0)
        return state[x] == 1;
      state[x] = 1;
      if (auto i = edges.find(x); i != edges.end())
        for (auto next : i->second)
          if (visit(next))
            return true;
      state[x] = 2;
      return false;
    };
    for (const auto& [x, _] : edges)
      if (visit(x))
        return true;
    return false;
  }

  const delivery_record& record_;
};

} // namespace troupe::test
