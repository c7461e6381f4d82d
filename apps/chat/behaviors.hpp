#pragma once

#include "guest.hpp"

#include <troupe/troupe.hpp>

/// Features of a guest's connection, one per file. Each function registers its
/// handlers on a new connection.

namespace chat {

void nickname(troupe::connection& c, const guest_ptr& me); ///< nickname.cpp
void rooms(troupe::connection& c, const guest_ptr& me);    ///< rooms.cpp
void talk(troupe::connection& c, const guest_ptr& me);     ///< talk.cpp
void typing(troupe::connection& c, const guest_ptr& me);   ///< typing.cpp
void whispers(troupe::connection& c, const guest_ptr& me); ///< whispers.cpp
void manners(troupe::connection& c, const guest_ptr& me);  ///< manners.cpp

} // namespace chat
