#pragma once

#include "troupe/client.hpp"
#include "troupe/config.hpp"

#include <caf/actor_system.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

class server;

/// Something to answer a GET with.
struct content {
  std::string_view bytes; ///< Must outlive the listener, unless `owner` is set.
  std::string_view type;  ///< The MIME type, e.g. `text/html; charset=utf-8`.

  /// Further header fields, e.g. `{"Content-Security-Policy", "..."}`. Copied.
  std::vector<std::pair<std::string_view, std::string_view>> fields = {};

  /// Whoever keeps `bytes` alive; the listener holds on to it.
  std::shared_ptr<const void> owner = {};
};

/// An HTTP/1.1 port with routes: WebSocket endpoints and fixed content.
/// `GET /healthz` answers 200 by itself, and 503 when an endpoint has failed
/// and serves nobody any more. All members are for one thread, not a runtime
/// thread. Set the routes before `start`.
class listener {
public:
  listener(caf::actor_system& sys, listener_config cfg);
  ~listener(); ///< Calls `stop`.
  listener(listener&&) noexcept;
  listener& operator=(listener&&) = delete;

  /// Leads WebSocket handshakes for `path` to `endpoint`, which must outlive
  /// the listener. `path` is exact, or ends in `/*` and matches everything
  /// below (`request::wildcard` tells what).
  void route(std::string path, server& endpoint);

  /// Answers GET and HEAD for `path` with `what`, with an ETag.
  void serve(std::string path, content what);

  /// Serves the JavaScript client for `endpoint` (C63): as a module if `path`
  /// ends in `.mjs`, else as a plain script.
  void serve_client(std::string path, const server& endpoint,
                    client_options options = {});

  /// Opens the port.
  /// @returns the port, or errc::cannot_listen (address in use, no permission,
  ///          unknown host), errc::invalid_config, errc::foreign_runtime.
  caf::expected<uint16_t> start();

  /// The recipient to open, e.g. `http://127.0.0.1:8080`; valid after `start`.
  std::string url() const;

  /// Closes the port and the HTTP connections, not the WebSockets. Idempotent.
  void stop();

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace troupe
