#pragma once

#include "troupe/codec.hpp"
#include "troupe/config.hpp"
#include "troupe/error.hpp"
#include "troupe/frame.hpp"
#include "troupe/recipient.hpp"

#include <caf/expected.hpp>

#include <string_view>

namespace troupe::actors {

/// Where an `emitter` leads: a connection, or the server in its own name.
class publish_target {
public:
  virtual ~publish_target() = default;

  virtual const config& settings() const noexcept = 0;

  /// Returns whether the caller may send here right now: a connection may be
  /// used in its own callbacks only.
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

// -- messages as the settings of a target want them ---------------------------

/// Encodes an event.
caf::expected<frame> encode_event(const publish_target& x,
                                  std::string_view event,
                                  const wire_value& data);

/// Returns `bytes` as a message without an event.
frame raw_frame(const publish_target& x, std::string_view bytes);

/// Returns `message`, in a binary frame if the settings ask for that.
frame as_configured(const publish_target& x, const frame& message);

/// Returns `text` as a message, or errc::invalid_value if it is not UTF-8.
caf::expected<frame> text_message(const publish_target& x,
                                  std::string_view text);

} // namespace troupe::actors
