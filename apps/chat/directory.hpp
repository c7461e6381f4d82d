#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <string>

/// @file
///
/// The directory is the only actor that knows more than one guest: their
/// nicknames, the rooms, who is in each room and its last messages. It is a
/// member of every room and learns this from the messages that the guests'
/// connections publish there. Connections ask it only for decisions that must
/// be made in one place. In a cluster each node has a directory for its own
/// guests; colleagues.hpp describes how directories agree.

namespace chat {

// -- a connection to the directory; `guest` is the connection's id ------------

/// Requests the nickname `nick`. The response is `named`; otherwise the page of
/// the guest receives a refusal.
struct claim {
  std::string guest;
  std::string nick;
  std::string key; ///< Takes over a nickname with the same key.
};

/// Requests permission to join `room`. The response is `admitted`; otherwise
/// the page of the guest receives a refusal.
struct enter {
  std::string guest;
  std::string room;
};

/// Requests delivery of a private message to the guest with the nickname `to`,
/// on any node. The sender's page receives a copy, or a refusal.
struct pass_on {
  std::string guest;
  std::string to;
  std::string text;
  std::string id;
};

// -- the directory to a connection --------------------------------------------
// Events for the page are sent to the connection as `troupe::msg::emit`.

struct named {
  std::string nick;
};

struct admitted {
  std::string room;
};

/// Spawns the directory of this node.
/// @param registry the registry of the endpoint whose connections are the
///                 guests; the directory ends with it.
/// @param node     the name of this node, as in ids of connections. The
///                 directory finds those of other nodes when it receives
///                 `node_up` from the cluster actor.
caf::actor spawn_directory(caf::actor_system& sys, const caf::actor& registry,
                           std::string node);

} // namespace chat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::claim)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::enter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::pass_on)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::named)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::admitted)
