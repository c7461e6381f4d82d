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

/// A socket whose request somebody else has read (C19).
struct foreign_socket {
  int descriptor = -1;     ///< Connected; whoever gets this owns it.
  std::string head;        ///< Without the empty line that ends it.
  size_t bytes_beyond = 0; ///< That were read after the head.
};

/// A foreign socket that passed all checks, on its way to a session. All but
/// `open` may be called on any thread.
class upgrade_handoff {
public:
  /// Checks the request. If something is wrong, an answer says so, and the
  /// socket is closed.
  /// @returns errc::handshake_refused with the status, errc::invalid_config, or
  ///          errc::connection_lost.
  static caf::expected<upgrade_handoff>
  begin(foreign_socket x, const config& cfg,
        std::shared_ptr<const ws_limits> limits, worker& event_loop);

  const request& req() const noexcept {
    return request_;
  }

  /// For the actor alone, which lets go of it on the session's thread.
  std::shared_ptr<actors::lower_layer> lower_layer() const noexcept {
    return session_;
  }

  /// Hands the session over to its thread: shakes hands there, then calls
  /// `opened`. A failure is told to `to` instead. Keeps nothing of the session,
  /// which may end at once, and only on its thread.
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
