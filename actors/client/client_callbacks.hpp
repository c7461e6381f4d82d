#pragma once

#include "actors/callback_list.hpp"
#include "troupe/ws_client.hpp"

#include <caf/error.hpp>

#include <string>
#include <utility>

namespace troupe::actors {

/// The callbacks that users have added to a client.
struct client_callbacks {
  /// Callbacks, each with the name that it is for.
  template <class F>
  using named_list = callback_list<std::pair<std::string, F>>;

  named_list<client_event_handler> events; ///< See `client_actor::key_of`.
  callback_list<client_message_handler> message;
  callback_list<callback<ws_client&>> connect;
  callback_list<callback<ws_client&, const ws_client_end&>> disconnect;
  callback_list<callback<ws_client&, client_state>> state;
  callback_list<callback<ws_client&, const dropped_message&>> drop;
  callback_list<callback<ws_client&, const caf::error&>> error;

  // By room.
  named_list<client_event_handler> joined;
  named_list<callback<ws_client&, const refusal&>> refused;
  named_list<callback<ws_client&, const std::string&>> change;
};

} // namespace troupe::actors
