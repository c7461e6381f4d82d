#include "troupe/emitter.hpp"

#include "actors/publish_target.hpp"

namespace troupe {

using actors::misuse_error;

caf::error emitter::emit_wire(std::string_view event, const wire_value& data) {
  if (!may_use(*from_))
    return misuse_error();
  auto message = encode_event(*from_, event, data);
  if (!message)
    return message.error();
  from_->send_to(to_, std::move(*message));
  return {};
}

void emitter::emit_message(std::string_view bytes) {
  if (!may_use(*from_))
    return;
  from_->send_to(to_, raw_frame(*from_, bytes));
}

caf::error emitter::send_text(std::string_view text) {
  if (!may_use(*from_))
    return misuse_error();
  auto message = text_message(*from_, text);
  if (!message)
    return message.error();
  from_->send_to(to_, std::move(*message));
  return {};
}

void emitter::send_binary(std::string_view bytes) {
  if (may_use(*from_))
    from_->send_to(to_, frame::binary(bytes));
}

void emitter::send(const frame& message) {
  if (may_use(*from_))
    from_->send_to(to_, actors::as_configured(from_->settings(), message));
}

} // namespace troupe
