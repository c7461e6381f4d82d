#pragma once

#include "troupe/cluster.hpp"
#include "troupe/config.hpp"
#include "troupe/log.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

class app;

namespace net {

class roster;

} // namespace net

/// An actor system's configuration with troupe's scheduler, message types,
/// error texts and options. Derive from it to add options of your own, then
/// `caf::actor_system sys{cfg};`. Must stay where it is and outlive the system.
///
/// An option is known by one name in four places; where several give it a
/// value, the first of this list wins:
///
///  1. command line: `--port=9000` or `--port 9000`; `--help` lists what there
///     is, `--long-help` also CAF's own;
///  2. environment: `TROUPE_PORT=9000`, `TROUPE_WS_PING_PERIOD=30s`. In general
///     `TROUPE_<GROUP>_<NAME>` in capitals with '_' for '-', or `TROUPE_<NAME>`
///     for an option without a group. Flags take `true` or `false` here; on the
///     command line they are switched on by their name. An empty variable
///     counts as not set; unknown variables are ignored;
///  3. a file in CAF's format, named by `--config-file=` or
///     `TROUPE_CONFIG_FILE`. Unlike CAF, we read no `caf-application.ini` that
///     happens to lie in the working directory;
///  4. the default.
///
/// Time spans have a unit: `100ms`, `5s`, `2min`, `1h`. Lists are `a,b`, or
/// `["a", "b"]` as they must be in a file; one that is given again replaces the
/// one before.
class runtime_config : public caf::actor_system_config {
public:
  runtime_config();
  runtime_config(const runtime_config&) = delete;
  runtime_config& operator=(const runtime_config&) = delete;
  ~runtime_config() override;

  config ws;            ///< Options `ws.*`.
  listener_config http; ///< Options `host`, `port` and `http.*`.

  /// Options `cluster.*`. `read` prepares the actor system for it, with what
  /// the options and the program say; without `listen` and `join` it costs
  /// nothing.
  cluster_config cluster;

  log_config log; ///< Options `log.*`; `read` sets them for the process.

  /// Option `threads`. 0: `scheduler.max-threads` if that is set, else one per
  /// processor that this process may use. At most 1024. Two or more have one
  /// besides, for what all of them need: registries, other nodes, the clock.
  size_t threads = 0;

  /// Option `slow-handler`. Who holds a runtime thread for longer, be it the
  /// handler of an event or any actor, is named in the log. More than 0. Work
  /// that takes so long belongs in a `caf::detached` actor: whatever else lives
  /// on that thread waits meanwhile.
  caf::timespan slow_handler = std::chrono::milliseconds{100};

  /// Reads the options from the four places and checks the result. Prints a
  /// text and sets `cli_helptext_printed` if the command line asks for one:
  /// then do not go on. (CAF's `parse` works, too: without the environment, the
  /// check, and a word about errors in the file.)
  /// @returns none, or errc::invalid_config that says what is wrong where: an
  ///          unknown option, a value of the wrong kind or range, an argument
  ///          that is no option, a file that cannot be read.
  caf::error read(int argc, char** argv);

  /// The same with the arguments after the program's name.
  caf::error read(string_list args);

private:
  friend int run(int, char**, runtime_config&,
                 const std::function<void(app&)>&);

  void add_options();
  caf::error read_file(const std::string& path);
  caf::error read_environment();
  void assign(const std::string& group, const std::string& name,
              caf::config_value value);
  caf::error validate() const;

  /// CAF's `profiler`, unless that is set to another one.
  std::unique_ptr<net::roster> roster_;
  bool has_basp_ = false;
  size_t caf_options_ = 0; ///< The first so many options are CAF's own.
};

/// Adds troupe's message types to any configuration, e.g. one with CAF's own
/// scheduler or its test coordinator.
void add_message_types(caf::actor_system_config& cfg);

} // namespace troupe
