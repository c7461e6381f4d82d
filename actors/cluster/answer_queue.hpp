#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/open_questions.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

namespace troupe::actors {

/// Questions of another node that are not answered yet: those that are being
/// looked up, and those whose answers wait to be sent. The bridges of all
/// servers to the node share the bounds.
class answer_queue {
public:
  /// Maximum number of questions. The other node opens no more at a time. If it
  /// gave up questions that are not answered yet, some of its next ones have no
  /// room.
  static constexpr size_t most = open_questions::most;

  /// Maximum size of all answers. An answer of any size that BASP carries may
  /// wait alone.
  static constexpr size_t most_bytes = open_questions::most_bytes;

  /// Minimum size that is counted for each question and answer.
  static constexpr size_t least_size = open_questions::least_size;

  explicit answer_queue(std::shared_ptr<bridge_counters> counters);

  /// Adds a question.
  /// @returns whether the caller may look it up; otherwise it is not answered.
  bool begin();

  /// Adds the answer to a question that was looked up.
  /// @returns whether there is room for it; otherwise the answer is
  ///          errc::no_answer.
  bool add(answer x);

  /// Returns the next answer to send; none if none waits.
  std::optional<answer> next();

  /// Drops all questions and answers. Called when the bridge terminates.
  void abandon();

private:
  struct entry {
    answer what;
    size_t size;
  };

  bool fits(size_t size);

  std::shared_ptr<bridge_counters> counters_;
  share share_;
  std::deque<entry> ready_;
  size_t held_ = 0; ///< Bytes, including questions being looked up.
};

} // namespace troupe::actors
