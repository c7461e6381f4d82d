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

/// A fan-out to its owner: this member was removed.
struct removed_listener {
  caf::actor who;
};

/// The members of a room that are no connections: any actors. Their mailboxes
/// have no bound, so this has: now and then one is sent a batch as a request,
/// whose answer says that it has read so far. Who gets too much before that
/// answer is told `member_removed` and is no member any more. Part of a
/// fan-out, whose lock guards it: what it sends goes straight into mailboxes,
/// thus in the order in which it is sent.
class listeners {
public:
  /// @param owner the actor that this is part of; is told `removed_listener`,
  /// and gets
  ///              the answers to the requests.
  listeners(caf::event_based_actor* owner, std::shared_ptr<server_core> core);

  /// Of the next batch it is not sent the first `missed` messages.
  /// @pre `who` is not in it.
  void add(const caf::actor& who, size_t missed);

  /// Sends `who` what it is still to hear of what is `gathered`.
  /// @returns whether `who` was in it.
  bool remove(caf::actor_id who, const std::vector<batch::entry>& gathered,
              const std::string& room);

  /// A request is answered.
  void on_read(uint64_t request);

  bool contains(caf::actor_id who) const noexcept {
    return list_.count(who) != 0;
  }

  size_t size() const noexcept {
    return list_.size();
  }

  bool empty() const noexcept {
    return list_.empty();
  }

  /// Adds all of them to `xs`.
  void append_to(std::vector<caf::actor>& xs) const;

  /// Brings the messages of `room` to everyone here.
  void deliver(const batch& messages, const std::string& room);

  /// Forgets all: the owner ends.
  void clear();

private:
  struct listener {
    caf::actor handle;
    size_t missed = 0;  ///< Of the batch that is gathered, at its beginning.
    uint64_t asked = 0; ///< The request under way; 0 for none.
    size_t batches = 0; ///< Sent since, with it.
    size_t bytes = 0;   ///< In these.
  };

  bool has_room_for(const batch& messages, const listener& x) const;
  void deliver_rest(const batch& messages, listener& to,
                    const std::string& room);
  void send(const caf::message& what, listener& to);
  caf::message_id ask(listener& to);
  void remove_slow(const caf::actor& who, const std::string& room);

  caf::event_based_actor* owner_;
  std::shared_ptr<server_core> core_;
  std::unordered_map<caf::actor_id, listener> list_;
  std::unordered_map<uint64_t, caf::actor_id> requests_; ///< Under way.
  uint64_t last_request_ = 0;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::removed_listener)
