#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

/// Log lines whose number peers decide.
namespace troupe::net {

/// Lets ten lines a second pass and counts the others.
class log_quota {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @returns how many lines were left out before this one; nothing if this one
  ///          is to be left out, too.
  std::optional<uint64_t> take(time_point now) noexcept;

private:
  time_point since_;
  uint32_t lines_ = 0;
  uint64_t left_out_ = 0;
};

/// Logs what a peer did wrong over HTTP; a hostile one must not fill the log.
void log_peer(std::string_view remote, std::string_view what);

} // namespace troupe::net
