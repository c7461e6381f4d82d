#pragma once

#include "actors/client/client_requests.hpp"
#include "actors/client/client_rooms.hpp"
#include "actors/open_requests.hpp"
#include "base/protocol2.hpp"
#include "troupe/frame.hpp"

#include <caf/actor_clock.hpp>
#include <caf/timespan.hpp>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::actors {

class client_actor;

/// Stands for a limit that a server does not name.
inline constexpr auto no_limit = std::numeric_limits<size_t>::max();

/// The advice of a server before it closes a connection.
struct client_advice {
  bool again = false;
  caf::timespan after{0};
  caf::timespan window{0};
  std::string why;
};

/// The part of a client that speaks version 2 of the wire protocol: hello,
/// requests, rooms, signs of life and advice.
class client_protocol2 {
public:
  explicit client_protocol2(client_actor& owner);

  /// Sends the hello. The client is open when the server has answered it.
  /// @param subprotocol  as selected by the server.
  void on_handshake(const std::string& subprotocol);

  void on_message(const frame& message);

  /// Called when the time set by `set_alarm` has come.
  void on_alarm();

  /// Called when a connection, or an attempt, has ended.
  void on_end(bool is_over);

  /// Returns the advice of the connection that has ended.
  std::optional<client_advice> take_advice();

  /// Sends a request.
  void ask(const client_question& what, request_callback f);

  /// Handles `request_overdue`: ends the requests whose time is over.
  void end_late_requests();

  /// Returns whether the server takes a message of `size` bytes.
  bool fits(size_t size) const noexcept {
    return size <= max_message_size_;
  }

  /// Called when the turn of a queued request has come.
  /// @param is_stale  whether it was meant for an earlier connection.
  /// @param fits      whether the server takes a message of its size.
  /// @returns whether to send it.
  bool take_over(uint64_t id, bool is_stale, bool fits);

  client_rooms& rooms() noexcept {
    return rooms_;
  }

private:
  class server_request;

  using time_point = caf::actor_clock::time_point;

  void send_hello();
  void on_hello(std::string_view text);
  void on_error(const protocol2::message_view& x);
  void on_advice(std::string_view text);
  void on_request(const protocol2::message_view& x);
  void answer(uint64_t id, const outcome& x);
  void finish(uint64_t id, const detail::answer_view& x);
  void call(const open_requests::callback& f, const detail::answer_view& x);
  void fail(const open_requests::callback& f, std::string code,
            std::string message);
  void await_late_requests();
  void arm();
  time_point now() const;

  client_actor& owner_;
  client_rooms rooms_; ///< Outlives `requests_`, which has callbacks of it.
  open_requests requests_;
  /// Requests of the server without an answer.
  size_t open_questions_ = 0;
  /// Exists as long as the server can be answered.
  std::shared_ptr<const void> alive_;
  size_t max_message_size_ = no_limit; ///< What the server takes, in bytes.
  std::optional<client_advice> advice_;
  caf::timespan silence_{0}; ///< Maximum time between messages; 0: unlimited.
  time_point heard_at_;      ///< Time of the last message.
  time_point refresh_at_ = time_point::max(); ///< Time of the next hello.
  time_point due_;                            ///< Time of the alarm.
  bool is_probing_ = false;                   ///< A beat is expected soon.
};

} // namespace troupe::actors
