#pragma once

#include "chat/protocol.hpp"

#include <troupe/troupe.hpp>

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <set>
#include <string>

namespace chat {

/// A bot that is a member of all rooms of a chat, on whatever node their guests
/// are. It uses the registry of its own node.
class bot : public caf::event_based_actor {
public:
  /// @param registry of the chat's endpoint; the bot terminates with it.
  /// @param nick a name that guests cannot have.
  bot(caf::actor_config& cfg, caf::actor registry, std::string nick);

  caf::behavior make_behavior() final;

protected:
  /// Called for each message of a guest in a room.
  virtual void hear(const message& x) = 0;

  /// Called when a room has ended.
  virtual void forget(const std::string& room) = 0;

  /// Called when a guest on any node has disconnected.
  virtual void forget_guest(const std::string& who) = 0;

  void say(const std::string& room, const std::string& text);

  /// Sends a private message to the author of `x`.
  void whisper_to(const message& x, const std::string& text);

  /// Closes the connection of the author of `x`.
  void send_away(const message& x, const std::string& why);

private:
  void enter(const std::string& room);
  void leave(const std::string& room);
  void overhear(const troupe::event& x);
  std::string next_id();

  caf::actor registry_;
  troupe::publisher out_;
  std::string nick_;
  std::set<std::string> rooms_;
  uint64_t said_ = 0;
};

} // namespace chat
