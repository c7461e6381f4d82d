#include "net/ws/inbound_message.hpp"

#include "net/wire/inflater.hpp"
#include "net/ws/close_reason.hpp"

namespace troupe::net {

namespace {

using found = frame_reader::found;

std::variant<frame, close_info> inflate(std::string_view bytes, bool is_text,
                                        size_t most) {
  std::variant<frame, close_info> result;
  auto& shared = inflater::of_thread();
  auto [how, message] = shared.inflate(bytes, most);
  if (how == inflater::outcome::too_big)
    result = close_reason::too_big();
  else if (how == inflater::outcome::broken)
    result = close_reason::broken_payload("broken compressed data");
  else if (is_text && !is_utf8(message))
    result = close_reason::broken_payload("text that is not UTF-8");
  else
    result = is_text ? frame::text(message) : frame::binary(message);
  shared.release_memory();
  return result;
}

} // namespace

std::variant<frame, close_info> to_message(found what, std::string_view bytes,
                                           size_t most) {
  if (what == found::text)
    return frame::text(bytes);
  if (what == found::binary)
    return frame::binary(bytes);
  return inflate(bytes, what == found::deflated_text, most);
}

} // namespace troupe::net
