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

/// Questions to another node that are not answered yet. Their number, size and
/// age are limited; the bridges of all servers to the node share the first two
/// limits.
class open_questions {
public:
  static constexpr size_t most = 1024;

  /// Maximum size of all questions. A question of any size that BASP carries
  /// may be open alone.
  static constexpr size_t most_bytes = 16 * 1024 * 1024;

  /// Minimum size that is counted for each question. Limits their number.
  static constexpr size_t least_size = most_bytes / most;

  /// Maximum age of a question in ticks: twice the time that the other node may
  /// take.
  static constexpr unsigned patience = 10;

  explicit open_questions(std::shared_ptr<bridge_counters> counters);

  /// Adds a question.
  /// @returns whether there is room for it; if not, the caller has to respond
  ///          to `asker`.
  bool add(const caf::message& what, const caf::response_promise& asker);

  /// Returns the next question to send; none if all are sent.
  std::optional<question> next();

  /// Passes an answer to the asker. Ignored if the question is not open any
  /// more.
  void finish(const answer& msg);

  /// Called at regular intervals. The response to questions that have been open
  /// for too long is errc::no_answer.
  void tick();

  bool empty() const noexcept {
    return asked_.empty();
  }

  /// Drops all questions. Called when the bridge terminates.
  void abandon();

private:
  struct entry {
    caf::message what; ///< Empty after it is sent.
    caf::response_promise asker;
    size_t size;
    unsigned age = 0;
  };

  using map = std::map<uint64_t, entry>;

  entry take(map::iterator i);

  std::shared_ptr<bridge_counters> counters_;
  share share_;
  map asked_; ///< By number, thus the oldest first.
  size_t bytes_ = 0;
  uint64_t last_number_ = 0;
  uint64_t last_sent_ = 0;
};

} // namespace troupe::actors
