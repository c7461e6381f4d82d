#pragma once

#include "troupe/cluster.hpp"
#include "troupe/config.hpp"
#include "troupe/listener_config.hpp"
#include "troupe/log.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

class app;

namespace net {

class roster;

} // namespace net

/// How `run` ends a program with clients after SIGTERM: option group `drain`.
/// By default, all connections are closed at once with 1001.
struct drain_config {
  /// Time between the first 503 of `/readyz` and the end of the port, in which
  /// load balancers notice. At most 1 h.
  caf::timespan delay = caf::timespan{0};

  /// Time over which connections are closed with 1012, evenly and in random
  /// order. 0: all at once. At most 1 h.
  caf::timespan window = caf::timespan{0};

  /// Additional time after `window` for clients to end, and for messages that
  /// wait for slow nodes to be sent. At most 1 h.
  caf::timespan patience = std::chrono::seconds{5};

  /// Returns whether connections are closed over time.
  bool is_enabled() const noexcept {
    return delay + window > caf::timespan{0};
  }
};

/// The port for those who run a program: option group `admin`. It has room for
/// 32 connections of its own (`listener_config::for_operators`).
struct admin_config {
  /// `HOST:PORT` to listen on for `GET /metrics`, in the format of Prometheus,
  /// `/healthz` and `/readyz`. Port 0 selects a free port, which the log names.
  /// Empty: no such port. Whoever reaches it learns about the load and the
  /// paths, so the host should not be reachable for clients.
  std::string listen;

  /// Whether the port has the inspector, a page that shows nodes, rooms and
  /// connections, and can disconnect clients (docs/inspector.md). On an address
  /// other than loopback, it needs a token.
  bool inspector = false;

  /// Regular file with the token that the inspector asks for: at least 16 of
  /// the characters that a subprotocol may have (RFC 9110 section 5.6.2).
  /// Empty: no token; everyone on this machine can use the inspector.
  std::string token_file;

  /// Names by which the port is reached, besides numeric addresses and
  /// `localhost`, as in `listener_config`. If empty, an address other than
  /// loopback serves all names, unless there is the inspector.
  std::vector<std::string> allowed_hosts;
};

/// Configures an actor system with the scheduler, message types, error texts
/// and options of troupe. Programs derive from it to add options of their own,
/// and then create `caf::actor_system sys{cfg};`. The configuration must
/// outlive the system and cannot be moved.
///
/// Options have the same name in four places. If several of them set an option,
/// the first place in this list takes precedence:
///
/// 1. command line: `--port=9000` or `--port 9000`. `--help` lists the options,
///    `--long-help` also all of CAF;
/// 2. environment: `TROUPE_<GROUP>_<NAME>`, or `TROUPE_<NAME>` for an option
///    without group, in capitals with '_' for '-': `TROUPE_PORT=9000`,
///    `TROUPE_WS_PING_PERIOD=30s`. Flags take `true` or `false`. Empty and
///    unknown variables are ignored;
/// 3. file: in the format of CAF, selected by `--config-file=` or
///    `TROUPE_CONFIG_FILE`. The file `caf-application.ini` is not read by
///    default;
/// 4. default value.
///
/// `--print-config` prints the settings in the format of the file, each with
/// the place that set it. `--check-config` only validates them. Both open no
/// port and warn of settings that are unsafe.
///
/// Time spans have a unit: `100ms`, `5s`, `2min`, `1h`. Lists are written as
/// `a,b` or `["a", "b"]`, in a file only as the latter. A list that is set
/// again replaces the earlier one.
class runtime_config : public caf::actor_system_config {
public:
  /// Creates a configuration with default values. Does not read any options.
  runtime_config();
  runtime_config(const runtime_config&) = delete;
  runtime_config& operator=(const runtime_config&) = delete;
  ~runtime_config() override;

  config ws;            ///< Option group `ws`.
  listener_config http; ///< Options `host` and `port`, group `http`.

  /// Option group `cluster`. If `listen` or `join` is set, `read` adds the
  /// transport between nodes to the actor system.
  cluster_config cluster;

  admin_config admin; ///< Option group `admin`.

  drain_config drain; ///< Option group `drain`.

  log_config log; ///< Option group `log`; `read` applies it.

  /// Option `log.access`: a file to which `run` appends one line for each HTTP
  /// request and for each WebSocket connection at its end, as a JSON object
  /// (docs/guide/deployment.md); `-` is standard output. Empty: none. Opened
  /// again when the file was moved, at the latest after a second, and on
  /// SIGHUP.
  std::string access_log;

  /// Option `threads`: the number of runtime threads for connections and rooms.
  /// At most 1024. 0: the option `scheduler.max-threads` if set, else the
  /// number of processors available to the process. With two or more threads
  /// there is an additional one for registries, the cluster and the clock.
  size_t threads = 0;

  /// Option `slow-handler`: the duration after which a handler or an actor that
  /// occupies a runtime thread is named in the log. More than 0. Everything
  /// else on the thread is delayed meanwhile, so longer work belongs in a
  /// `caf::detached` actor.
  caf::timespan slow_handler = std::chrono::milliseconds{100};

  /// Reads the options from all places and validates them. If the options ask
  /// for a text (`--help`, `--check-config`, `--print-config`), prints it to
  /// standard output, warnings to standard error, and sets
  /// `cli_helptext_printed`; the program should exit then.
  /// @param argc  the number of arguments of `main`.
  /// @param argv  the arguments of `main`.
  /// @returns none, or errc::invalid_config with the cause and its place: an
  ///          unknown option, an invalid value, an argument that is not an
  ///          option, or an unreadable file.
  /// @note `parse` of CAF ignores the environment, does not validate, and does
  ///       not report errors in the file.
  [[nodiscard]] caf::error read(int argc, char** argv);

  /// Reads the options from all places and validates them.
  /// @param args  the arguments of `main` without the name of the program.
  [[nodiscard]] caf::error read(string_list args);

private:
  friend int run(int, char**, runtime_config&,
                 const std::function<void(app&)>&);

  void replace_caf_options();
  caf::error read_file(const std::string& path);
  caf::error read_environment();
  caf::error read_arguments(string_list args);
  void assign(const std::string& group, const std::string& name,
              const caf::config_value& value, std::string source);
  [[nodiscard]] caf::error validate() const;
  [[nodiscard]] std::vector<std::string> warnings() const;
  caf::error report();

  /// The `profiler` of CAF, unless it is set to another one.
  std::unique_ptr<net::roster> roster_;
  bool has_basp_ = false;
  bool check_config_ = false;
  bool print_config_ = false;
  /// The sources of settings by full name, except those with default values.
  std::map<std::string, std::string> sources_;
  size_t caf_options_ = 0; ///< Number of options of CAF, which come first.
};

/// Adds the message types of troupe to a configuration that is not a
/// `runtime_config`, such as one with the scheduler of CAF or its test
/// coordinator.
void add_message_types(caf::actor_system_config& cfg);

} // namespace troupe
