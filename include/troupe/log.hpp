#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

/// @file
///
/// The log of the process. Logging never blocks: lines are queued, and a thread
/// of the log writes them. If the queue is full (8192 lines or 1 MiB), since
/// standard error or the sink is too slow, further lines are lost, and the log
/// states how many. At exit, the log writes the queued lines for at most 1 s.
namespace troupe {

/// Severity of a line; as a setting, the lowest severity that is written.
enum class log_level : uint8_t { debug, info, warning, error, off };

/// Format of a line.
///
/// - text: `2026-11-28T22:05:56.123 info message`, in local time;
/// - json: one object per line with `time` (UTC), `level` and `message`, and
///   with `category`, `connection` and `remote` if known.
enum class log_format : uint8_t { text, json };

/// Settings of the log: option group `log` of `runtime_config`.
struct log_config {
  /// Lowest severity that is written.
  log_level level = log_level::info;

  /// Format of lines.
  log_format format = log_format::text;

  /// Maximum number of lines per second that `log_limited` writes for each pair
  /// of category and level; 0: no limit.
  uint32_t quota = 10;

  bool operator==(const log_config&) const = default;
};

/// Structured fields of a line, which appear in JSON only. Each may be empty.
/// The categories of troupe are http, websocket, connection, actor, runtime,
/// cluster, and cluster-port for sockets that are not connected to a node yet.
struct log_fields {
  std::string_view category = {};
  std::string_view connection = {}; ///< The id of the connection.
  std::string_view remote = {};     ///< The address of the peer.
};

/// Writes one line if `level` is at least the level of the log. Text beyond 4
/// KiB is cut. Control characters, bidirectional marks, invisible characters
/// and invalid UTF-8 are escaped as `\x0a` or `\u{202e}`. Thread-safe; never
/// blocks.
///
/// Lines of troupe about a single connection have the level debug if it ends
/// normally or is lost, info if it is refused or the peer ends it with an error
/// code, and warning if the server ends it for an error. Lines about the
/// process have the level info, warning for degraded service, or error for
/// failures.
void log(log_level level, std::string_view line) noexcept;

/// Writes one line with structured fields.
void log(log_level level, const log_fields& about,
         std::string_view line) noexcept;

/// Writes one line whose frequency depends on others, such as clients. At most
/// `log_config::quota` lines per second of each pair of category and level are
/// written; the number of suppressed lines is logged within a second. Otherwise
/// the same as `log`.
/// @note The log keeps 64 quotas, in order of first use; further pairs of
///       category and level share the last one.
void log_limited(log_level level, const log_fields& about,
                 std::string_view line) noexcept;

/// Returns whether lines of `level` are written. Avoids the cost of composing
/// lines that are not. Thread-safe.
bool is_logged(log_level level) noexcept;

/// Sets all settings for subsequent lines. Thread-safe. Called by
/// `runtime_config::read`.
void set_log_config(const log_config& cfg);

/// Returns the current settings. Thread-safe.
log_config get_log_config() noexcept;

/// Sets the lowest severity that is written; initially info. Thread-safe.
void set_log_level(log_level level) noexcept;

/// Sends lines to `sink` in place of standard error. Thread-safe.
///
/// The sink receives the level and the line: the JSON object, or the text
/// without time and level. It is called on the thread of the log, for one line
/// at a time. If it throws, this is reported once on standard error. If it is
/// slow, lines are lost.
///
/// Waits at most 1 s for the previous sink to receive the lines logged before,
/// then for its current call to return, unless called by the sink itself. The
/// previous sink is not called afterwards.
/// @param sink  the function; null restores standard error.
void set_log_sink(std::function<void(log_level, std::string_view)> sink);

/// Waits until all lines logged before are written or passed to the sink.
/// Needed only by programs that end without calling `exit`, and by tests.
/// Thread-safe.
/// @param timeout  maximum time to wait.
/// @returns whether all lines are written; false immediately if called by the
///          sink.
bool flush_log(std::chrono::milliseconds timeout) noexcept;

} // namespace troupe
