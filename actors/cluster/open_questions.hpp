#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/bridge_messages.hpp"

#include <caf/response_promise.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace troupe::actors {

/// Questions to another node that have no answer yet: so many at most, which
/// the bridges of all servers to the node share, each for so long.
class open_questions {
public:
  static constexpr size_t most = 1024;

  /// Of all together; one of any size that BASP carries may be open alone.
  static constexpr size_t most_bytes = 16 * 1024 * 1024;

  /// What a question counts at least: that bounds their number.
  static constexpr size_t least_size = most_bytes / most;

  /// For how many ticks one is open: twice as long as the other node may take.
  static constexpr unsigned patience = 10;

  explicit open_questions(std::shared_ptr<bridge_counters> counters);

  /// @returns whether there was room for it; if not, nobody answers `asker`.
  bool add(const caf::message& what, const caf::response_promise& asker);

  /// The next one to ask; none if all are asked.
  std::optional<question> next();

  /// The answer for whoever asked, unless that was given up.
  void finish(const answer& msg);

  /// Time goes by: who has waited too long is told errc::no_answer.
  void tick();

  bool empty() const noexcept {
    return asked_.empty();
  }

  /// The bridge ends: nobody is answered.
  void abandon();

private:
  struct entry {
    caf::message what; ///< Until it is asked.
    caf::response_promise asker;
    size_t size;
    unsigned age = 0;
  };

  using map = std::map<uint64_t, entry>;

  entry take(map::iterator i);

  std::shared_ptr<bridge_counters> counters_;
  share share_;
  map asked_; ///< By number, hence the oldest first.
  size_t bytes_ = 0;
  uint64_t last_number_ = 0;
  uint64_t last_sent_ = 0;
};

} // namespace troupe::actors
