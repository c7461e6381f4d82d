#pragma once

#include "chat/protocol.hpp"

#include <troupe/troupe.hpp>

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <set>
#include <string>

namespace chat {

/// A program that takes part in all rooms of a chat, wherever their guests are.
/// It learns of rooms from the registry of its own node, and hears and speaks
/// there.
class bot : public caf::event_based_actor {
public:
  /// @param registry of the chat's endpoint; the bot ends with it.
  /// @param nick a name that no guest can have.
  bot(caf::actor_config& cfg, caf::actor registry, std::string nick);

  caf::behavior make_behavior() final;

protected:
  /// Somebody, but no bot, said something in a room.
  virtual void hear(const message& x) = 0;

  /// Nobody is in this room any more.
  virtual void forget(const std::string& room) = 0;

  /// A guest, of whatever node, is gone.
  virtual void forget_guest(const std::string& who) = 0;

  void say(const std::string& room, const std::string& text);

  /// Says something to the author of a message alone.
  void whisper_to(const message& x, const std::string& text);

  /// Ends the connection of the author of a message.
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
