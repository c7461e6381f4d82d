#pragma once

#include "troupe/client.hpp"
#include "troupe/config.hpp"
#include "troupe/cors.hpp"
#include "troupe/http.hpp"
#include "troupe/listener_config.hpp"

#include <caf/actor_system.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

class server;

/// Describes a static resource served for GET and HEAD requests.
struct content {
  /// The body of the response. Must outlive the listener, unless `owner` is
  /// set.
  std::string_view bytes;

  /// The MIME type, such as `text/html; charset=utf-8`. Copied.
  std::string_view type;

  /// Further header fields, such as `{"Content-Security-Policy", "..."}`.
  /// Copied.
  std::vector<std::pair<std::string_view, std::string_view>> fields = {};

  /// Keeps `bytes` alive as long as the listener uses them; may be null.
  std::shared_ptr<const void> owner = {};
};

/// Settings of a route to files.
struct file_options {
  /// Further header fields of responses with a file, such as `{"Cache-Control",
  /// "max-age=3600"}`. Without a Cache-Control of its own, a response has
  /// `no-cache`: browsers ask each time whether the file has changed.
  std::vector<header_field> fields = {};

  /// Which pages of other origins may read the files; none if empty.
  std::optional<troupe::cors> cors = {};
};

/// Event counters of a listener since its start.
struct listener_stats {
  uint64_t connections_accepted = 0;
  uint64_t connections_refused = 0; ///< Beyond `connection_limits`, or denied.
  uint64_t requests_refused = 0;    ///< The same, if a header names the client.
  uint64_t pending_closed = 0;      ///< Beyond `connection_limits::pending`.
  uint64_t hosts_refused = 0; ///< Requests: `listener_config::allowed_hosts`.
  uint64_t proxy_headers_refused = 0; ///< Peers: `proxy_protocol`.
};

/// Serves HTTP/1.1 on one port, with routes to WebSocket endpoints and static
/// content. Built-in routes are `GET /healthz`: 200, or 503 after an endpoint
/// has failed; and `GET /readyz`: the same, and 503 after `set_ready(false)`.
///
/// Routes have to be added before `start`, which reports the first route that
/// is invalid or was added before. Not thread-safe; members must not be
/// called on a runtime thread.
class listener {
public:
  /// Creates a closed listener.
  /// @pre `sys` outlives the listener.
  listener(caf::actor_system& sys, listener_config cfg);
  ~listener(); ///< Calls `stop`.
  listener(listener&&) noexcept;
  listener& operator=(listener&&) = delete;

  /// Routes WebSocket handshakes for `path` to `endpoint` (C18).
  /// @param path      an exact path such as `/chat`, without query and in the
  ///                  encoding of a URL, compared as `request::path` describes;
  ///                  or a prefix followed by `/*` that
  ///                  matches all paths below; `request::wildcard` returns the
  ///                  rest. Exact paths take precedence, then longer prefixes.
  /// @param endpoint  the server; must outlive the listener.
  void route(std::string path, server& endpoint);

  /// Serves `what` as the response to GET and HEAD requests for `path`, with an
  /// ETag. A path may have both a server and content.
  void serve(std::string path, content what);

  /// Responds to GET and HEAD requests for `path` by calling `f`, on a runtime
  /// thread. `f` must not block. If it throws an `http_error`, the client gets
  /// its status; after another exception 500. A path may have both a server and
  /// a handler, but not content as well.
  /// @param path    as for `route`.
  /// @param f       as for `make_http_handler`; it may respond later.
  /// @param others  which pages of other origins may use the route; none if
  ///                empty.
  template <class F>
  void get(std::string path, F f, std::optional<cors> others = {}) {
    add_get(std::move(path), make_http_handler(std::move(f)),
            std::move(others));
  }

  /// Responds to POST requests for `path` by calling `f` with the whole request
  /// (`request::body`, `request::json`), otherwise like `get`. A path may have
  /// a handler for each method.
  ///
  /// The body may be chunked; `listener_config::max_body_size` limits its size
  /// and `listener_config::request_timeout` the time for it. A browser's
  /// request from a page of another origin gets 403 unless `others` allows it,
  /// as a handshake would, since it may carry cookies without the user's
  /// knowledge.
  /// @param path    as for `route`.
  /// @param f       as for `make_http_handler`; it may respond later.
  /// @param others  which pages of other origins may use the route; none if
  ///                empty.
  template <class F>
  void post(std::string path, F f, std::optional<cors> others = {}) {
    add_post(std::move(path), make_http_handler(std::move(f)),
             std::move(others));
  }

  /// Serves the files of a folder, and of the folders below, as responses to
  /// GET and HEAD requests. Files may change at any time; a response is cut if
  /// its file becomes shorter meanwhile.
  ///
  /// A response has a Content-Type by the extension of the file, an ETag and
  /// Last-Modified; a request may name one range. For a folder, `index.html` is
  /// sent. For a client that accepts it, `x.br` or `x.gz` is sent in place of
  /// `x`. Neither files whose names begin with a dot are served, nor symbolic
  /// links that lead out of the folder, nor lists of files.
  ///
  /// Files are opened and read on a runtime thread, which is fast on a local
  /// disk only. A file that is not sent at once needs a file descriptor.
  /// @param path    a prefix followed by `/*`, as for `route`; `/*` serves all
  ///                paths without a route of their own.
  /// @param folder  the path of the folder; must exist, may be replaced later.
  /// @param how     header fields and CORS.
  void serve_files(std::string path, const std::string& folder,
                   const file_options& how = {});

  /// Serves the JavaScript client for `endpoint` (C63): as an ES module if
  /// `path` ends in `.mjs`, else as a plain script.
  void serve_client(std::string path, const server& endpoint,
                    client_options options = {});

  /// Opens the port. If a service manager has passed listening sockets to this
  /// process (sd_listen_fds(3)), serves at these instead: the first listener
  /// takes those called `http` or, if there are none, all.
  /// @returns the port; errc::cannot_listen if the address is unknown, in use
  ///          or not permitted, or if a passed socket is not listening;
  ///          errc::invalid_config, also for settings of an endpoint; or
  ///          errc::foreign_runtime.
  [[nodiscard]] caf::expected<uint16_t> start();

  /// Reads the certificates of `tls_config` again if their files have changed,
  /// and logs the result. New connections use them; open ones are not affected.
  /// `run` calls this once a second, and on SIGHUP.
  /// @returns none, or errc::invalid_config if a file is unusable; the port
  ///          continues with the previous certificates then.
  /// @pre not called on a runtime thread, since it reads files.
  caf::error reload();

  /// Returns the URL of the listener: `listener_config::public_url`, or that of
  /// the port, such as `http://127.0.0.1:8080`.
  /// @pre `start` has succeeded.
  std::string url() const;

  /// Returns the URL of the port on this machine.
  /// @pre `start` has succeeded.
  std::string local_url() const;

  /// Returns the current event counters; all are 0 while the port is closed.
  /// Thread-safe.
  listener_stats stats() const;

  /// Sets whether `GET /readyz` responds with 200, the default, or with 503:
  /// load balancers then send no new clients, while this listener serves all
  /// that come. HTTP connections are closed after the next response then.
  /// Thread-safe.
  void set_ready(bool x);

  /// Closes the port. Open connections remain, but further requests and
  /// handshakes on them get 503 with Retry-After, including those that wait for
  /// a decision of the program; functions that respond to a request still can.
  /// Clients that have connected before are accepted first, unless a service
  /// manager has passed the socket: they wait for the next process then.
  /// Idempotent. The next call is `stop`.
  void drain();

  /// Returns whether a client that has sent a part of a request waits for the
  /// response.
  bool has_requests() const;

  /// Closes the port and all HTTP connections; WebSocket connections remain
  /// open. Idempotent.
  void stop();

private:
  void add_get(std::string path, http_handler f, std::optional<cors> others);
  void add_post(std::string path, http_handler f, std::optional<cors> others);

  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace troupe
