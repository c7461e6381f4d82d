#include "actors/publish_target.hpp"

#include "troupe/log.hpp"

#ifndef NDEBUG
#  include <cstdio>
#  include <cstdlib>
#endif

namespace troupe::actors {

namespace {

constexpr auto misuse
  = "a connection, or an emitter of one, was used on "
    "another thread or outside of its callbacks: keep "
    "handle() and send to that";

} // namespace

void report_misuse() {
#ifndef NDEBUG
  std::fprintf(stderr, "troupe: %s\n", misuse);
  std::abort();
#else
  log_limited(log_level::error, {.category = "connection"}, misuse);
#endif
}

caf::error misuse_error() {
  return make_error(errc::outside_callback, misuse);
}

caf::expected<frame> encode_event(const publish_target& x,
                                  std::string_view event,
                                  const wire_value& data) {
  const auto& cfg = x.settings();
  return encode(event, data, cfg.event_prefix, cfg.binary_messages);
}

frame raw_frame(const publish_target& x, std::string_view bytes) {
  return x.settings().binary_messages ? frame::binary(bytes)
                                      : frame::automatic(bytes);
}

frame as_configured(const config& settings, const frame& message) {
  return settings.binary_messages && !message.is_binary()
           ? frame::binary(message.payload())
           : message;
}

caf::expected<frame> text_message(const publish_target& x,
                                  std::string_view text) {
  if (!is_utf8(text))
    return make_error(errc::invalid_value, "a text message must be UTF-8");
  return as_configured(x.settings(), frame::text(text));
}

} // namespace troupe::actors
