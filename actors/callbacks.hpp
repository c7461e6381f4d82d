#pragma once

#include "actors/callback_list.hpp"
#include "troupe/connection.hpp"

#include <caf/error.hpp>
#include <caf/message.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::actors {

/// The callbacks that users have registered on one connection.
struct callbacks {
  using text = std::string_view;

  callback_list<std::pair<std::string, event_handler>> events;
  callback_list<message_handler> message;
  callback_list<std::function<bool(connection&, const caf::message&)>> actor;
  callback_list<callback<connection&, const caf::error&>> error;
  callback_list<callback<connection&, const close_info&>> disconnect;
  callback_list<callback<connection&, const std::string&>> leave;
  callback_list<callback<connection&, text>> ping;
  callback_list<callback<connection&, text>> pong;
};

} // namespace troupe::actors
