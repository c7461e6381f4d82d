#pragma once

#include "actors/link_messages.hpp"
#include "actors/open_questions.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace troupe::actors {

/// Questions of another node that it has no answer to yet: those that are
/// being looked up, and answers that wait for their turn.
class answer_queue {
public:
  /// Who asks has no more open; if it gave some up that were not answered yet,
  /// some of the next have no room.
  static constexpr size_t most = open_questions::most;

  /// Of all that wait; one of any size may wait alone.
  static constexpr size_t most_bytes = 16 * 1024 * 1024;

  /// A question came.
  /// @returns whether it may be looked up; if not, it is not answered.
  bool begin();

  /// Here is the answer to one that was looked up.
  /// @returns whether there is room for it; if not, errc::no_answer is the
  ///          answer.
  bool add(answer x);

  /// The next answer to give; none if none waits.
  std::optional<answer> next();

private:
  struct entry {
    answer what;
    size_t size;
  };

  std::deque<entry> ready_;
  size_t bytes_ = 0;
  size_t open_ = 0; ///< With those that are being looked up.
};

} // namespace troupe::actors
