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

/// Questions of another node that it has no answer to yet: those that are
/// being looked up, and answers that wait for their turn. The bridges of all
/// servers to the node share the bounds.
class answer_queue {
public:
  /// Who asks has no more open; if it gave some up that were not answered yet,
  /// some of the next have no room.
  static constexpr size_t most = open_questions::most;

  /// Of all that wait; one of any size that BASP carries may wait alone.
  static constexpr size_t most_bytes = open_questions::most_bytes;

  /// What each counts at least, be it that it is still looked up.
  static constexpr size_t least_size = open_questions::least_size;

  explicit answer_queue(std::shared_ptr<bridge_counters> counters);

  /// A question came.
  /// @returns whether it may be looked up; if not, it is not answered.
  bool begin();

  /// Here is the answer to one that was looked up.
  /// @returns whether there is room for it; if not, errc::no_answer is the
  ///          answer.
  bool add(answer x);

  /// The next answer to give; none if none waits.
  std::optional<answer> next();

  /// The bridge ends: nothing is answered.
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
  size_t held_ = 0; ///< Bytes, with those that are being looked up.
};

} // namespace troupe::actors
