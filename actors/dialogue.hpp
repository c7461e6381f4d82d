#pragma once

#include "actors/connection_actions.hpp"
#include "actors/handler_actor.hpp"
#include "actors/hello_gate.hpp"
#include "actors/open_requests.hpp"
#include "actors/seams/socket_layers.hpp"
#include "base/protocol2.hpp"
#include "troupe/batch.hpp"
#include "troupe/frame.hpp"
#include "troupe/reply.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace troupe::actors {

/// Speaks version 2 of the protocol with the client of one connection
/// (docs/protocol-2.md): translates messages for the client, dispatches those
/// of the client, and answers its requests and joins. Part of the connection.
class dialogue {
public:
  /// @param owner    the connection that this is part of.
  /// @param actions  those of `owner`.
  /// @param socket   that of `owner`.
  /// @param gate     reads hellos.
  dialogue(handler_actor& owner, connection_actions& actions,
           const lower_layer& socket, hello_gate& gate);

  dialogue(const dialogue&) = delete;
  dialogue& operator=(const dialogue&) = delete;

  // -- to the client ----------------------------------------------------------

  /// Returns `x`, a message of version 1, in version 2.
  frame translate(const frame& x) const;

  /// Returns the messages of a room in version 2. All members share them.
  /// @param room  the name of the room; empty for everyone.
  const batch& translate(const batch& x, const std::string& room) const;

  /// Sends the hello of the server.
  void greet();

  /// Sends an error with a text for people.
  /// @param id  0 if it answers no request.
  void refuse(uint64_t id, std::string_view code, std::string_view text);

  /// Handles that the connection was added to `room`.
  void on_joined(const std::string& room);

  /// Handles that the connection was not added to `room`.
  void on_join_refused(const std::string& room);

  // -- from the client --------------------------------------------------------

  /// Handles a message that follows the first hello.
  void read(const frame& message);

  // -- requests ---------------------------------------------------------------

  /// Sends the outcome of the client's request `id`.
  void answer(uint64_t id, const outcome& x);

  /// Sends a request to the client.
  /// @param f  receives the outcome.
  void ask(std::string_view event, const wire_value& data,
           open_requests::callback f, caf::timespan timeout);

  /// Handles `request_overdue`: ends the requests whose time is over.
  void end_late_requests();

  /// Ends the requests to the client, since the connection ends.
  void abandon_requests();

private:
  class client_request;

  void dispatch(const protocol2::message_view& x, const frame& message);
  void read_event(const protocol2::message_view& x, const frame& message);
  void read_request(const protocol2::message_view& x);
  void read_outcome(const protocol2::message_view& x);
  void read_join(const protocol2::message_view& x);
  void read_leave(const protocol2::message_view& x);
  std::shared_ptr<const room_options> find_open(const std::string& room) const;
  outcome decide(const room_options& rules, const std::string& room,
                 const event_view& data);
  void await_late_requests();
  void refuse_join(uint64_t id, const std::string& room, const outcome& why);
  void tell_change(const std::string& room, std::string_view why);
  void send(const frame& x);
  void count_malformed(const protocol2::message_view& x);

  handler_actor& owner_;
  connection_actions& actions_;
  const lower_layer& socket_;
  hello_gate& gate_;
  open_requests requests_; ///< To the client.
  size_t in_flight_ = 0;   ///< Requests of the client without an answer.
  std::multiset<std::string> joining_; ///< Rooms in joins without an answer.
  std::set<std::string> added_; ///< Rooms that the client was told to be in.
  std::string leaving_; ///< The room that the client leaves now; or empty.
  /// Exists as long as the client can be answered.
  std::shared_ptr<const void> alive_ = std::make_shared<char>();
};

} // namespace troupe::actors
