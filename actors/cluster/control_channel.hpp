#pragma once

#include "actors/cluster/answer_queue.hpp"
#include "actors/cluster/bridge_ends.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/control_window.hpp"
#include "actors/cluster/event_queue.hpp"
#include "actors/cluster/interest.hpp"
#include "actors/cluster/open_questions.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace troupe::actors {

/// What a bridge sends to its counterpart besides wire batches, as the window
/// allows: one of each kind in turn, so none waits for all of another. What is
/// added to a queue goes with the next `send`.
class control_channel {
public:
  control_channel(const bridge_ends& ends,
                  const std::shared_ptr<bridge_counters>& counters);

  // -- queues -----------------------------------------------------------------

  /// The rooms with members here and the ids in use.
  interest& names() noexcept {
    return names_;
  }

  event_queue& events() noexcept {
    return events_;
  }

  open_questions& questions() noexcept {
    return questions_;
  }

  answer_queue& answers() noexcept {
    return answers_;
  }

  /// Drops the events that wait; those added from now on belong to `round`.
  void begin_events(uint64_t round);

  // -- sending ----------------------------------------------------------------

  /// Makes changes of names wait for `release_names`, so that those of one turn
  /// go together.
  /// @returns whether they did not wait yet.
  bool hold_names() noexcept {
    return !std::exchange(are_names_held_, true);
  }

  void release_names() noexcept {
    are_names_held_ = false;
  }

  /// Sends what the window allows, once the bridge has met its counterpart.
  void send();

  /// Sends ids that are new, if the window allows it, even if names are held:
  /// who gets the messages that follow may respond to them.
  /// @pre the bridge has met its counterpart.
  void send_new_ids();

  /// Handles the counterpart's `control_done`.
  void done(uint64_t count);

  // -- time -------------------------------------------------------------------

  bool needs_ticks() const noexcept {
    return names_.needs_ticks() || !questions_.empty();
  }

  /// To be called once a second while `needs_ticks`.
  void tick();

  /// The bridge ends: nothing more is sent, and no question is answered.
  void abandon();

private:
  flow_window::time_point now() const;
  bool send_next_kind();
  bool send_next_answer();
  std::optional<event_report> next_event();

  template <class T>
  bool send_one(std::optional<T> x);

  const bridge_ends& ends_;
  control_window window_;
  interest names_;
  event_queue events_;
  open_questions questions_;
  answer_queue answers_;
  uint64_t round_ = 0; ///< Of the events.
  unsigned next_kind_ = 0;
  bool are_names_held_ = false;
};

} // namespace troupe::actors
