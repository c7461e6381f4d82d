#pragma once

#include "troupe/cluster.hpp"
#include "troupe/listener.hpp"
#include "troupe/runtime.hpp"
#include "troupe/server.hpp"

#include <functional>
#include <memory>
#include <string>

namespace troupe {

/// What a program sets up before it serves: see `run`.
class app {
public:
  ~app();
  app(const app&) = delete;
  app& operator=(const app&) = delete;

  caf::actor_system& system() noexcept;

  /// Makes a WebSocket endpoint at `path` with the settings from the options;
  /// lives as long as the app. In a cluster it is one with those at the same
  /// path on other nodes.
  server& endpoint(std::string path);

  /// The same with settings of its own.
  server& endpoint(std::string path, config cfg);

  /// Answers GET and HEAD for `path`.
  void serve(std::string path, content what);

  /// Serves the JavaScript client for `endpoint`, e.g. at `/troupe.js`: see
  /// `listener::serve_client`.
  void serve_client(std::string path, const server& endpoint,
                    client_options options = {});

  /// This program as a node. Without options `cluster.*` it is one alone: the
  /// same calls work, and there are never others.
  troupe::cluster& cluster() noexcept;

  /// Serves no HTTP, for programs that only work for other nodes: `run` opens
  /// no port, and prints `running` instead of where it listens.
  void without_port() noexcept;

  /// Calls `f` once when the app begins to stop, before any connection is
  /// closed, on the thread that called `run`; several in order. What it throws
  /// is logged. The time it takes is taken from that which `run` has for the
  /// end. Not called if the app does not get to serve. Call during setup.
  void on_stop(std::function<void()> f);

  /// An actor that lives until the last connection has ended and the node has
  /// left its cluster. An actor that is to end with the app links to it, or
  /// monitors it and hears of it (`caf::exit_reason::user_shutdown`). Never the
  /// other way round: whoever is linked to it and dies does not end it, nor do
  /// exit messages, `kill` included. `run` waits for actors only so long: see
  /// there.
  const caf::actor& lifeline() const noexcept;

private:
  friend int run(int, char**, runtime_config&,
                 const std::function<void(app&)>&);
  app(caf::actor_system& sys, const runtime_config& cfg,
      std::function<void()> on_loss);

  int start(const std::function<void(app&)>& setup);

  class impl;
  std::unique_ptr<impl> impl_;
};

/// The body of a server program's `main`: reads the options (`--port`,
/// `--host`, `--threads`, `--troupe.*`, `--help`), calls `setup`, opens the
/// port, meets the other nodes if `--cluster.*` says so, prints `listening on
/// http://HOST:PORT` as the first line of standard output and serves until
/// SIGINT or SIGTERM.
///
/// The end takes the longest `close_timeout` of the endpoints and 1.5 s at
/// most. Who has not ended then, be it an actor or a handler, is named in the
/// log, and the process ends with the status that this would have returned,
/// without destructors and `atexit`. A second signal ends it at once, with
/// status 128 and the signal's number.
///
/// An actor of the runtime that dies of a failure, such as the registry of an
/// endpoint, is named in the log, and the app stops.
/// @returns the status for `main`: 0, or 1 with one line on standard error or,
///          after such a failure, in the log.
int run(int argc, char** argv, const std::function<void(app&)>& setup);

/// The same with a configuration that has options of its own.
int run(int argc, char** argv, runtime_config& cfg,
        const std::function<void(app&)>& setup);

} // namespace troupe
