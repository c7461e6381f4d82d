#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

/// The log. Whoever logs never waits: lines go through a bounded queue to a
/// thread of the log's own, which writes them. What finds the queue full (8192
/// lines, 1 MiB), since nobody reads standard error or a sink takes its time,
/// is lost; a line says how many. At the end of the process what still waits
/// has a second to get out.
namespace troupe {

enum class log_level : uint8_t { debug, info, warning, error, off };

/// text: `2026-11-28T22:05:56.123 info what happened`, in local time.
/// json: an object on a line of its own, with `time` (UTC), `level`, `message`,
/// and of `category`, `connection` and `remote` those that are known.
enum class log_format : uint8_t { text, json };

/// Options `log.*`: see `runtime_config`.
struct log_config {
  /// The least level that is written.
  log_level level = log_level::info;

  log_format format = log_format::text;

  /// Lines a second of one category and level that `log_limited` lets pass; 0:
  /// all.
  uint32_t quota = 10;

  bool operator==(const log_config&) const = default;
};

/// What a line is about, for programs that read JSON: the line itself says it
/// in words. All of it may be empty. troupe's own categories are http,
/// websocket, connection, actor, runtime, cluster, and cluster-port for sockets
/// that nodes have not yet come in by.
struct log_fields {
  std::string_view category = {};
  std::string_view connection = {}; ///< Its id.
  std::string_view remote = {};     ///< Its address.
};

/// Writes one line, cut at 4 KiB, if `level` is at least the level set. What
/// would end the line or play with a terminal or its reader (control
/// characters, marks of direction, what cannot be seen, broken UTF-8) is shown
/// as `\x0a` or `\u{202e}`. Thread-safe, never waits, never throws. The
/// library's own lines are about connections (debug: ends that are normal or
/// everyday, info: ends by a peer's fault) and about the server (warning,
/// error).
void log(log_level level, std::string_view line) noexcept;
void log(log_level level, const log_fields& about,
         std::string_view line) noexcept;

/// The same for lines whose number others decide, such as clients: lets
/// `log_config::quota` lines a second of each category and level pass, counts
/// the others, and within a second logs how many they were.
void log_limited(log_level level, const log_fields& about,
                 std::string_view line) noexcept;

/// Whether `level` is at least the level set: spares making lines that nobody
/// reads. Thread-safe.
bool is_logged(log_level level) noexcept;

/// Applies from the next line on. Thread-safe. `runtime_config::read` calls it
/// with the options.
void set_log_config(const log_config& cfg);

/// What is set. Thread-safe.
log_config get_log_config() noexcept;

/// Sets the least level that is written; info at the start. Thread-safe.
void set_log_level(log_level level) noexcept;

/// Sends lines to `sink` instead of standard error: as they are in JSON, else
/// without time and level. It is called on the log's thread, one line after the
/// other. One that throws is reported on standard error, once; one that takes
/// its time costs lines. The former sink gets what was logged before, for which
/// this waits a second at most, and is not called any more when this returns:
/// so this waits for its call under way, unless that is the caller.
/// Thread-safe; null: standard error again.
void set_log_sink(std::function<void(log_level, std::string_view)> sink);

/// Waits until all that was logged before is written, or has been given to the
/// sink; `timeout` at most. For those who end a process without `exit`, and for
/// tests. Thread-safe.
/// @returns whether it is; false at once in a sink.
bool flush_log(std::chrono::milliseconds timeout) noexcept;

} // namespace troupe
