#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace troupe {

enum class log_level : uint8_t { debug, info, warning, error, off };

/// Writes one line if `level` is at least the level set; what would end it or
/// play with a terminal becomes '?'. Thread-safe. The
/// library's own lines are about connections (debug: ends that are normal or
/// everyday, info: ends by a peer's fault) and about the server (warning,
/// error).
void log(log_level level, std::string_view line);

/// Whether `level` is at least the level set: spares making lines that nobody
/// reads. Thread-safe.
bool is_logged(log_level level) noexcept;

/// Sets the least level that is written; info at the start.
void set_log_level(log_level level);

/// Sends lines to `sink` instead of standard error. Call before the runtime
/// starts; `sink` is called on runtime threads and must be thread-safe.
void set_log_sink(std::function<void(log_level, std::string_view)> sink);

} // namespace troupe
