#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <string>

/// The directory is the one actor that knows more than one guest: who is
/// called how, which rooms there are, who is in them and what was said last. It
/// sits in every room as a member like any other and learns all that from what
/// the guests' connections say there; only for what must be decided in one
/// place they ask it. In a cluster each node has one for its own guests:
/// colleagues.hpp tells how they agree.

namespace chat {

// -- a connection to the directory; `guest` is the connection's id ------------

/// May I be called so? Answered by `named`, or refused.
struct claim {
  std::string guest;
  std::string nick;
  std::string key; ///< Who knows the key of the one called so takes over.
};

/// May I join this room? Answered by `admitted`, or refused.
struct enter {
  std::string guest;
  std::string room;
};

/// Pass this on to the guest with the nickname `to`, and back to me.
struct pass_on {
  std::string guest;
  std::string to;
  std::string text;
  std::string id;
};

// -- the directory to a connection --------------------------------------------
// (What is meant for the page goes there straight, by `troupe::msg::emit`.)

struct named {
  std::string nick;
};

struct admitted {
  std::string room;
};

/// @param registry of the endpoint whose connections are the guests; the
///                 directory ends with it.
/// @param node whose directory it is, as in ids of connections. It meets those
///             of other nodes when the cluster tells it `node_up`.
caf::actor spawn_directory(caf::actor_system& sys, const caf::actor& registry,
                           std::string node);

} // namespace chat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::claim)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::enter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::pass_on)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::named)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chat::admitted)
