#pragma once

#include "base/protocol2.hpp"

#include <string>

/// @file
///
/// For tests of wire format, version 2.

namespace troupe::test {

/// Encodes a valid message again, except that JSON is normalized.
inline frame encode_again(const protocol2::message_view& x,
                          bool binary = false) {
  using namespace protocol2;
  auto value = wire_value{x.value.tag, std::string{x.value.payload}};
  switch (x.kind) {
    case kind::hello:
    case kind::advice:
      return encode_json(x.kind, decode_json(x.text).value(), binary);
    case kind::event:
      return encode_event(x.room, x.value, binary);
    case kind::raw:
      return encode_raw(x.text, binary);
    case kind::request:
      return encode_request(x.id, x.room, x.value, binary);
    case kind::answer:
      return encode_answer(x.id, value, binary);
    case kind::error:
      return encode_error(x.id, x.code, value, binary);
    case kind::join:
      return encode_join(x.id, x.room, value, binary);
    case kind::leave:
      return encode_leave(x.room, binary);
    case kind::change:
      return encode_change(x.room, x.code, binary);
    case kind::beat:
    case kind::probe:
      break;
  }
  return encode_sign(x.kind, binary);
}

} // namespace troupe::test
