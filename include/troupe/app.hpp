#pragma once

#include "troupe/cluster.hpp"
#include "troupe/listener.hpp"
#include "troupe/runtime.hpp"
#include "troupe/server.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// Collects what a server program serves: endpoints, content and hooks. `run`
/// creates the app, passes it to the program's setup function and then serves.
///
/// Members are called during setup, on the thread that called `run`. `system`,
/// `cluster` and `lifeline` may be called at any time, on any thread.
class app {
public:
  ~app();
  app(const app&) = delete;
  app& operator=(const app&) = delete;

  /// Returns the actor system of the program.
  caf::actor_system& system() noexcept;

  /// Adds a WebSocket endpoint at `path` with the settings from the options.
  /// Endpoints at the same path on all nodes of a cluster act as one server.
  /// @param path  a route: see `listener::route`.
  /// @returns the server of the endpoint, which lives as long as the app.
  server& endpoint(std::string path);

  /// Adds a WebSocket endpoint at `path` with the settings `cfg` instead of
  /// those from the options.
  server& endpoint(std::string path, config cfg);

  /// Serves `what` as the response to GET and HEAD requests for `path`.
  /// @see listener::serve
  void serve(std::string path, content what);

  /// Responds to GET and HEAD requests for `path` by calling `f`.
  /// @see listener::get
  template <class F>
  void get(std::string path, F f, std::optional<cors> others = {}) {
    add_get(std::move(path), make_http_handler(std::move(f)),
            std::move(others));
  }

  /// Responds to POST requests for `path` by calling `f`.
  /// @see listener::post
  template <class F>
  void post(std::string path, F f, std::optional<cors> others = {}) {
    add_post(std::move(path), make_http_handler(std::move(f)),
             std::move(others));
  }

  /// Serves the files of a folder.
  /// @see listener::serve_files
  void serve_files(std::string path, const std::string& folder,
                   const file_options& how = {});

  /// Serves the JavaScript client for `endpoint` at `path`, such as
  /// `/troupe.js`.
  /// @see listener::serve_client
  void serve_client(std::string path, const server& endpoint,
                    client_options options = {});

  /// Returns this process as a node of a cluster. Without `cluster.*` options
  /// it is a cluster of one node: all calls work, and no other node ever
  /// appears.
  troupe::cluster& cluster() noexcept;

  /// Makes the program serve no HTTP, for nodes without clients: `run` opens no
  /// port and prints `running` in place of the address.
  void without_port() noexcept;

  /// Returns the event counters of the app's port. May be called at any time,
  /// on any thread.
  listener_stats port_stats() const;

  /// Registers a function that is called once when the app begins to stop,
  /// before any connection is closed. Functions are called in the order of
  /// registration, on the thread that called `run`. An exception from `f` is
  /// logged. The time that `f` takes counts toward the time limit for stopping
  /// (see `run`). `f` is not called if the app fails to start.
  void on_stop(std::function<void()> f);

  /// Returns the handle of an actor that terminates with the app: after the
  /// last connection has ended and the node has left its cluster.
  ///
  /// An actor that shall end with the app links to the lifeline, or monitors it
  /// and receives a `caf::down_msg` with `caf::exit_reason::user_shutdown`. The
  /// lifeline itself ignores the end of actors linked to it and all exit
  /// messages, `kill` included.
  ///
  /// `run` waits for actors for a limited time only.
  const caf::actor& lifeline() const noexcept;

private:
  friend int run(int, char**, runtime_config&,
                 const std::function<void(app&)>&);
  app(caf::actor_system& sys, const runtime_config& cfg,
      std::function<void()> on_loss);

  void add_get(std::string path, http_handler f, std::optional<cors> others);
  void add_post(std::string path, http_handler f, std::optional<cors> others);
  int start(const std::function<void(app&)>& setup);

  class impl;
  std::unique_ptr<impl> impl_;
};

/// Runs a server program; meant to be the body of `main`. Reads the options
/// (`--port`, `--host`, `--threads`, `--ws.*`, `--help`), calls `setup`, opens
/// the port, connects to other nodes if `cluster.*` is set, prints `listening
/// on http://HOST:PORT` as the first line of standard output, and serves until
/// SIGINT or SIGTERM.
///
/// Under a service manager such as systemd, reports when the program is ready,
/// alive and stopping (sd_notify(3)), and serves at sockets that it has opened
/// (sd_listen_fds(3)); see `listener::start`.
///
/// Stopping takes at most the longest `config::close_timeout` of the endpoints
/// plus 1.5 s. After this time, the log names each actor and handler that has
/// not ended, and the process exits with the status that `run` would have
/// returned, without running destructors or `atexit` functions. A second signal
/// ends the process at once, with status 128 plus the number of the signal.
///
/// If an actor of the runtime fails, such as the registry of an endpoint, the
/// log names it and the app stops.
/// @param argc  the number of arguments of `main`.
/// @param argv  the arguments of `main`.
/// @param setup configures the app. Called once, on the calling thread. A
///              `std::exception` from it is reported as an error.
/// @returns the exit status for `main`: 0, or 1 after an error, which is
///          reported in one line on standard error, or in the log if it
///          occurred while serving.
int run(int argc, char** argv, const std::function<void(app&)>& setup);

/// Runs a server program with a configuration that may have options of its own,
/// otherwise like the other overload.
int run(int argc, char** argv, runtime_config& cfg,
        const std::function<void(app&)>& setup);

} // namespace troupe
