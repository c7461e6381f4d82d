#pragma once

#include "actors/seams/socket_layers.hpp"
#include "net/http/handshake.hpp"
#include "net/runtime/worker.hpp"
#include "net/ws/ws_limits.hpp"
#include "net/ws/ws_session.hpp"
#include "troupe/config.hpp"
#include "troupe/request.hpp"

#include <caf/expected.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace troupe::net {

/// A socket whose request was read by the program (C19).
struct foreign_socket {
  int descriptor = -1;     ///< Connected; the receiver of this struct owns it.
  std::string head;        ///< Without the empty line at its end.
  size_t bytes_beyond = 0; ///< Number of bytes read after the head.
};

/// An upgrade requested by the program: a socket that passed all checks and
/// becomes a WebSocket session. Members may be called on any thread.
class upgrade_handoff {
public:
  /// Checks the request. If it is refused, sends a response and closes the
  /// socket.
  /// @returns errc::handshake_refused with the status, errc::invalid_config, or
  ///          errc::connection_lost.
  static caf::expected<upgrade_handoff>
  begin(foreign_socket x, const config& cfg,
        std::shared_ptr<const ws_limits> limits, worker& event_loop);

  const request& req() const noexcept {
    return request_;
  }

  /// Returns the session, which only its actor may keep, since the last
  /// reference must be released on the session's thread.
  std::shared_ptr<actors::lower_layer> lower_layer() const noexcept {
    return session_;
  }

  /// Passes the session to its thread, where it is started with `to` as its
  /// upper layer and sends the response. Then calls `opened` there. Reports a
  /// failure to `to`. Keeps no reference to the session, which may end at any
  /// time.
  void finish(std::shared_ptr<actors::upper_layer> to,
              std::function<void()> opened);

private:
  upgrade_handoff(acceptance answer, request req,
                  std::shared_ptr<ws_session> session, worker& event_loop);

  acceptance answer_;
  request request_;
  std::shared_ptr<ws_session> session_;
  worker* loop_;
};

} // namespace troupe::net
