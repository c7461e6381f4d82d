#include "troupe/upgraded.hpp"

#include "actors/connection_messages.hpp"
#include "troupe/config.hpp"

#include <caf/send.hpp>

namespace troupe {

upgraded::upgraded(caf::error why) : err_{std::move(why)} {
}

upgraded::upgraded(caf::actor connection, const config& settings)
  : connection_{std::move(connection)},
    settings_{&settings} {
}

upgraded::upgraded(upgraded&& other) noexcept
  : err_{std::move(other.err_)},
    connection_{std::exchange(other.connection_, nullptr)},
    settings_{other.settings_},
    waits_{other.waits_} {
}

upgraded::~upgraded() {
  wait();
}

void upgraded::with(callback<connection&> f) {
  if (connection_)
    caf::anon_send(connection_, actors::run_inside{std::move(f)});
}

void upgraded::set_up(callback<connection&> f) {
  if (connection_)
    caf::anon_send(connection_, actors::run_inside{std::move(f), true});
}

caf::error upgraded::emit_wire(std::string_view event, const wire_value& data) {
  if (!connection_)
    return {};
  auto message = encode(event, data, settings_->event_prefix,
                        settings_->binary_messages);
  if (!message)
    return message.error();
  with([message = *message](connection& c) { c.emit_message(message); });
  return {};
}

void upgraded::wait() {
  if (connection_ && std::exchange(waits_, false))
    caf::anon_send(connection_, actors::start_reading{});
}

} // namespace troupe
