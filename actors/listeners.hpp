#pragma once

#include "actors/server_core.hpp"
#include "troupe/messages.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/message_id.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// Sent by a fan-out to its owner. The fan-out has removed `who`, which reads
/// too slowly.
struct removed_listener {
  caf::actor who;
};

/// The members of a room that are not connections, and its observers, which
/// receive what members receive but do not count. Their mailboxes have no
/// bound. Therefore one batch at a time is sent to each listener as a request,
/// and the response shows that the listener has read all batches up to that
/// one. A listener that gets too many batches or bytes before its response
/// receives `member_removed` and is not a member any more. Part of a fan-out,
/// whose lock guards it. Messages are enqueued directly, on any thread, in the
/// order of the calls.
class listeners {
public:
  /// @param owner the actor that this is part of. Receives `removed_listener`
  ///              and the responses to the requests.
  listeners(caf::event_based_actor* owner, std::shared_ptr<server_core> core);

  /// Whether a listener counts as a member of the room.
  enum class role : uint8_t { member, observer };

  /// Adds `who`, which does not receive the first `missed` messages of the next
  /// batch.
  /// @pre !contains(who.id())
  void add(const caf::actor& who, size_t missed, role as = role::member);

  /// Removes `who`, after sending it the `gathered` messages that were
  /// published during its membership.
  /// @returns whether `who` was a listener.
  bool remove(caf::actor_id who, const std::vector<batch::entry>& gathered,
              const std::string& room);

  /// Handles the response to a request.
  void on_read(uint64_t request);

  bool contains(caf::actor_id who) const noexcept {
    return list_.contains(who);
  }

  /// Returns the number of members.
  size_t size() const noexcept {
    return list_.size() - observers_;
  }

  /// Appends all listeners of a role to `xs`.
  void append_to(std::vector<caf::actor>& xs, role those) const;

  /// Sends the messages of `room` to all listeners, and removes those that read
  /// too slowly.
  void deliver(const batch& messages, const std::string& room);

  /// Removes all listeners. Called when the owner terminates.
  void clear();

private:
  struct listener {
    caf::actor handle;
    role as = role::member;
    size_t missed = 0;  ///< Messages to skip in the next batch.
    uint64_t asked = 0; ///< The open request; 0 for none.
    size_t batches = 0; ///< Sent since that request, including its own.
    size_t bytes = 0;   ///< Size of these batches.
  };

  using table = std::unordered_map<caf::actor_id, listener>;

  table::iterator erase(table::iterator i);
  bool has_room_for(const batch& messages, const listener& x) const;
  void deliver_rest(const batch& messages, listener& to,
                    const std::string& room);
  void send(const caf::message& what, listener& to);
  caf::message_id ask(listener& to);
  void remove_slow(const caf::actor& who, const std::string& room);

  caf::event_based_actor* owner_;
  std::shared_ptr<server_core> core_;
  table list_;
  size_t observers_ = 0;                                 ///< How many of these.
  std::unordered_map<uint64_t, caf::actor_id> requests_; ///< Open ones.
  uint64_t last_request_ = 0;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::removed_listener)
