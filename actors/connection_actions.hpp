#pragma once

#include "actors/handler_actor.hpp"
#include "actors/outbound_sequencer.hpp"
#include "actors/output_budget.hpp"
#include "actors/room_memberships.hpp"
#include "actors/seams/fast_path.hpp"
#include "troupe/error.hpp"
#include "troupe/frame.hpp"
#include "troupe/messages.hpp"
#include "troupe/recipient.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::actors {

/// The actions of a connection on behalf of its handlers and of other actors:
/// sends to its client and to others, joins and leaves rooms, disconnects. All
/// of its output goes through one outbound sequencer.
class connection_actions {
public:
  /// @param owner   the connection that this is part of.
  /// @param direct  `owner` as a direct receiver.
  /// @param f       processes an item for the client.
  connection_actions(handler_actor& owner, direct_receiver& direct,
                     outbound_sequencer::to_client f)
    : owner_(owner),
      sequencer_(&owner, &direct, owner.core().registry, f) {
  }

  connection_actions(const connection_actions&) = delete;
  connection_actions& operator=(const connection_actions&) = delete;

  // -- sending ----------------------------------------------------------------

  /// Starts the output budget of a callback (`config::max_output_bytes`).
  /// Output of earlier callbacks that still waits counts as well.
  void begin_callback() {
    budget_.begin(sequencer_.waiting_bytes());
  }

  /// Sends a message to `to`.
  void send_to(const recipient& to, frame&& message);

  /// Sends a message to the client.
  void emit_to_self(frame message);

  /// Sends a raw frame to the client.
  /// @returns errc::already_disconnected or errc::too_much_output.
  caf::error send_to_self(outbound_sequencer::own_item what);

  /// Sends a message of the runtime to the client, such as an answer. It costs
  /// no output budget: nobody would answer a request a second time, and the
  /// requests that wait are bounded. Does nothing if the connection is ending.
  void respond(slice what) {
    if (!is_ending_)
      sequencer_.to_self(std::move(what));
  }

  // -- rooms ------------------------------------------------------------------

  /// Joins a room.
  /// @returns errc::already_disconnected, errc::reserved_name,
  ///          errc::too_many_rooms or errc::too_much_output.
  caf::error join(const std::string& room);

  /// Leaves a room after calling on_leave.
  /// @returns false if handlers do not see the room, or if on_leave is running
  ///          for it.
  bool leave(const std::string& room);

  void leave_all();

  /// Returns whether handlers see the room. A connection is always in the room
  /// of its own id.
  bool is_member(const std::string& room) const {
    return room == owner_.client_id() || rooms_.contains(room);
  }

  size_t room_count() const noexcept {
    return rooms_.size();
  }

  std::vector<std::string> room_names() const {
    return rooms_.names();
  }

  // -- responses to requests of actors ----------------------------------------

  /// Responds to the current request with `with` when everything that the
  /// connection has sent so far has reached its receivers. Does nothing if the
  /// current message is not a request.
  void answer(caf::message with);

  /// Joins a room. The response to the current request is empty when the room
  /// has added the connection, or an error.
  void answer_join(const std::string& room);

  /// Joins a room. Calls `f` when the room has added the connection, which may
  /// have left again, or with the reason why it has not.
  void join_then(const std::string& room, outbound_sequencer::callback f);

  // -- responses of rooms and the registry ------------------------------------

  void on_joined(const msg::joined& msg);
  void on_join_refused(const msg::join_refused& msg);

  /// Handles that the room `from` has ended before the connection left it.
  /// Calls on_leave.
  void on_room_down(const std::string& name, const caf::strong_actor_ptr& from);

  void on_confirmed(const msg::confirmed& what) {
    sequencer_.confirmed(what);
  }

  /// Called for `outbound_sequencer::overdue`.
  void give_up_waiting() {
    sequencer_.give_up_waiting();
  }

  /// Returns whether so much output waits or is unconfirmed that the connection
  /// should not read from its client.
  bool is_congested() const noexcept {
    return sequencer_.congested();
  }

  // -- the end ----------------------------------------------------------------

  /// Closes the socket after everything that was sent before, and sends
  /// `hang_up` to the connection.
  /// @param cause  the error that handlers get as the cause of the end.
  /// @returns errc::already_disconnected if the connection is ending.
  caf::error disconnect(close_code code, std::string_view reason,
                        caf::error cause = {});

  /// Returns whether the connection is ending. If so, raw frames, joins and
  /// another `disconnect` are refused.
  bool is_ending() const noexcept {
    return is_ending_;
  }

  /// Notes that the connection is ending.
  void begin_end() noexcept {
    is_ending_ = true;
  }

  /// Sends `delist` to the registry, after everything that was sent before.
  void delist(const close_info& how) {
    sequencer_.send(how);
  }

  /// Returns whether no output waits.
  bool is_done() const noexcept {
    return sequencer_.empty();
  }

  /// Leaves all remaining rooms. Called when the actor terminates; after a
  /// regular end there are none.
  void let_go_of_rooms();

  /// Drops waiting output. Requests that wait for it get `why` as the response.
  void abandon(const caf::error& why) {
    sequencer_.abandon(why);
  }

private:
  bool may_send(size_t bytes);
  void refuse_output();
  caf::error refuse_room(const std::string& room);

  handler_actor& owner_;
  outbound_sequencer sequencer_;
  room_memberships rooms_;
  caf::error refusal_; ///< Set while `on_join_refused` runs.
  // The flags after it share its padding.
  [[no_unique_address]] output_budget budget_;
  bool is_ending_ = false;
  bool is_refusing_room_ = false; ///< on_error runs for a refused room.
};

} // namespace troupe::actors
