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

/// Sends all messages of a bridge to its counterpart except wire batches, as
/// far as the window allows. Sends one message of each kind in turn, so no kind
/// waits for all messages of another. A message that is added to a queue waits
/// for the next `send`.
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

  /// Drops the queued events. Events that are added later belong to `round`.
  void begin_events(uint64_t round);

  // -- sending ----------------------------------------------------------------

  /// Makes changes of names wait for `release_names`, so that the changes of
  /// one turn are sent together.
  /// @returns false if they are held already.
  bool hold_names() noexcept {
    return !std::exchange(are_names_held_, true);
  }

  void release_names() noexcept {
    are_names_held_ = false;
  }

  /// Sends what the window allows. Does nothing before the bridge has met its
  /// counterpart.
  void send();

  /// Sends new ids if the window allows it, even while names are held, since
  /// receivers of the messages that follow may respond to these ids.
  /// @pre the bridge has met its counterpart.
  void send_new_ids();

  /// Handles the counterpart's `control_done`.
  void done(uint64_t count);

  // -- time -------------------------------------------------------------------

  bool needs_ticks() const noexcept {
    return names_.needs_ticks() || !questions_.empty();
  }

  /// Must be called once a second while `needs_ticks`.
  void tick();

  /// Drops all queues. Called when the bridge ends.
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
  uint64_t round_ = 0; ///< The round to which the queued events belong.
  unsigned next_kind_ = 0;
  bool are_names_held_ = false;
};

} // namespace troupe::actors
