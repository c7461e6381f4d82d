#pragma once

#include "troupe/codec.hpp"
#include "troupe/config.hpp"
#include "troupe/error.hpp"
#include "troupe/frame.hpp"
#include "troupe/recipient.hpp"

#include <caf/expected.hpp>

#include <string_view>

namespace troupe::actors {

/// Sends the messages of an `emitter`: as a connection, as a server, or as
/// another actor.
class publish_target {
public:
  virtual ~publish_target() = default;

  virtual const config& settings() const noexcept = 0;

  /// Returns whether the caller may use this target at present. A connection
  /// may be used only in its own callbacks.
  virtual bool is_usable_here() const noexcept = 0;

  virtual void send_to(const recipient& to, frame message) = 0;
};

// -- misuse -------------------------------------------------------------------

/// Logs that a publish target was used where it must not be. A debug build
/// aborts the process.
void report_misuse();

/// Returns whether the caller may use `x`; reports the misuse if not.
inline bool may_use(const publish_target& x) {
  if (x.is_usable_here()) [[likely]]
    return true;
  report_misuse();
  return false;
}

/// Returns errc::outside_callback.
caf::error misuse_error();

// -- messages according to the settings of a target ---------------------------

/// Encodes an event.
caf::expected<frame> encode_event(const publish_target& x,
                                  std::string_view event,
                                  const wire_value& data);

/// Returns `bytes` as a message without an event.
frame raw_frame(const publish_target& x, std::string_view bytes);

/// Returns `message`, as a binary frame if the settings require that.
frame as_configured(const config& settings, const frame& message);

/// Returns `text` as a message, or errc::invalid_value if it is not UTF-8.
caf::expected<frame> text_message(const publish_target& x,
                                  std::string_view text);

} // namespace troupe::actors
