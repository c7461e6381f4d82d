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
#include <vector>

namespace troupe::actors {

/// What a connection does for its handlers, and for actors that ask it to:
/// sends to its client and to others, joins and leaves rooms, disconnects. All
/// of it leaves through one outbound sequencer.
class connection_actions {
public:
  /// @param owner   the connection that this is part of.
  /// @param direct  the same as a receiver.
  /// @param f       does what an item for the client says.
  connection_actions(handler_actor& owner, direct_receiver& direct,
                     outbound_sequencer::to_client f)
    : owner_(owner),
      sequencer_(&owner, &direct, owner.core().registry, f) {
  }

  connection_actions(const connection_actions&) = delete;
  connection_actions& operator=(const connection_actions&) = delete;

  // -- sending ----------------------------------------------------------------

  /// A callback begins, which may send as much as the settings allow. What
  /// waits since earlier ones counts as well.
  void begin_callback() {
    budget_.begin(sequencer_.waiting_bytes());
  }

  /// Sends a message to whomever `to` addresses.
  void send_to(const recipient& to, frame&& message);

  /// Sends a message to the client.
  void emit_to_self(frame message);

  /// Sends a raw frame to the client.
  /// @returns errc::already_disconnected or errc::too_much_output.
  caf::error send_to_self(outbound_sequencer::own_item what);

  // -- rooms ------------------------------------------------------------------

  /// Joins a room.
  /// @returns errc::already_disconnected, errc::reserved_name,
  ///          errc::too_many_rooms or errc::too_much_output.
  caf::error join(const std::string& room);

  /// Leaves a room after calling on_leave.
  /// @returns false if handlers do not see the room, or on_leave runs.
  bool leave(const std::string& room);

  void leave_all();

  /// Returns whether handlers see the room. A connection is always in the room
  /// of its own id.
  bool is_member(const std::string& room) const {
    return room == owner_.client_id() || rooms_.contains(room);
  }

  std::vector<std::string> room_names() const {
    return rooms_.names();
  }

  // -- answers to requests of actors ------------------------------------------

  /// Answers the request under way with `with` when all that it made this
  /// connection send has reached its receivers.
  void answer(caf::message with);

  /// Joins a room and answers whether it has let this connection in.
  void answer_join(const std::string& room);

  // -- answers of rooms and the registry --------------------------------------

  void on_joined(const msg::joined& msg);
  void on_join_refused(const msg::join_refused& msg);

  /// The room `from` broke down.
  void on_room_down(const std::string& name, const caf::strong_actor_ptr& from);

  void on_confirmed(const msg::confirmed& what) {
    sequencer_.confirmed(what);
  }

  /// Called for `outbound_sequencer::overdue`.
  void give_up_waiting() {
    sequencer_.give_up_waiting();
  }

  /// Returns whether so much is under way that the client had better rest.
  bool is_congested() const noexcept {
    return sequencer_.congested();
  }

  // -- the end ----------------------------------------------------------------

  /// Closes the socket after all that was sent before, and sends `hang_up` to
  /// the connection.
  /// @param cause  the error that handlers are told as the reason.
  /// @returns errc::already_disconnected if the end has begun.
  caf::error disconnect(close_code code, std::string_view reason,
                        caf::error cause = {});

  /// Returns whether the end has begun: then raw frames, joins and a further
  /// disconnect are refused.
  bool is_ending() const noexcept {
    return is_ending_;
  }

  /// The end has begun, whoever wanted it.
  void begin_end() noexcept {
    is_ending_ = true;
  }

  /// Makes the registry forget the connection after all that was sent before.
  void delist(const close_info& how) {
    sequencer_.send(how);
  }

  /// Returns whether nothing waits any more.
  bool is_done() const noexcept {
    return sequencer_.empty();
  }

  /// Leaves the rooms that are left when the actor ends: none after an end in
  /// good order.
  void let_go_of_rooms();

  /// Drops what waits. The requests among it are answered with `why`.
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
  caf::error refusal_; ///< Of the join that was just answered.
  // The flags after it lie in its padding.
  [[no_unique_address]] output_budget budget_;
  bool is_ending_ = false;
  bool is_refusing_room_ = false; ///< on_error is told of it.
};

} // namespace troupe::actors
