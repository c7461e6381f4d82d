#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace troupe::net {

/// Decides when a client of protocol version 2 gets a beat: when nothing else
/// was sent to it for some time.
class signs_of_life {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Returns a beat as it is sent.
  /// @param binary  see `config::binary_messages`.
  static constexpr std::string_view beat(bool binary) noexcept {
    return binary ? "\x82\x01." : "\x81\x01.";
  }

  explicit signs_of_life(time_point now) : last_(now) {
  }

  /// Called at each tick.
  /// @param messages_out  the number of messages sent so far.
  /// @param period        see `config::beat_period`.
  /// @returns whether a beat is due. It then counts as sent.
  bool is_due(time_point now, uint64_t messages_out,
              time_point::duration period) noexcept {
    if (messages_out == messages_out_ && now - last_ < period)
      return false;
    auto is_quiet = messages_out == messages_out_;
    messages_out_ = messages_out;
    last_ = now;
    return is_quiet;
  }

private:
  uint64_t messages_out_ = 0;
  time_point last_; ///< When something was sent, as far as seen at a tick.
};

} // namespace troupe::net
