// Passes hostile messages to the codec of version 2. It must return the parts
// of a message or an error for each, and encoding the parts must yield the
// message.

#include "base/protocol2.hpp"
#include "tests/support/protocol2.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace troupe;
using namespace troupe::protocol2;

namespace {

constexpr std::string_view prefix = "m:";

/// Aborts the process, which the fuzzer reports as a failure.
void require(bool condition) {
  if (!condition)
    std::abort();
}

/// Requires a text frame to be UTF-8; a browser would otherwise disconnect.
void check_text(const frame& x) {
  require(x.is_binary() || is_utf8(x.payload()));
}

/// Requires that a message that is not valid has no parts.
void check_invalid(const message_view& x) {
  require(x.room.empty() && x.code.empty() && x.text.empty()
          && x.value.name.empty() && x.value.payload.empty());
}

/// Requires that encoding and decoding returns the same JSON.
void check_json(const message_view& x) {
  auto value = decode_json(x.text);
  if (!value)
    return;
  auto message = encode_json(x.kind, *value);
  check_text(message);
  auto copy = parse(message.payload());
  require(copy.status == status::valid && copy.kind == x.kind);
  require(decode_json(copy.text) == value);
}

/// Requires that encoding the parts returns the original message.
void check_valid(const message_view& x, std::string_view message) {
  require(x.id <= max_id);
  require(x.room.empty() || decode_room(x.room));
  require(x.code.empty() || is_refusal_code(x.code));
  require(x.value.name.size() <= max_event_name_size);
  for (auto binary : {false, true}) {
    auto copy = test::encode_again(x, binary);
    require(copy.payload() == message);
    require(copy.is_binary() || !binary);
    check_text(copy);
  }
}

void check_message(std::string_view message) {
  auto view = parse(message);
  require(message.empty() || view.kind == kind{message[0]});
  if (view.status != status::valid)
    check_invalid(view);
  else if (view.kind == kind::hello || view.kind == kind::advice)
    check_json(view);
  else
    check_valid(view, message);
}

void check_room(std::string_view x) {
  if (auto room = decode_room(x)) {
    require(!room->empty() && room->size() <= 255 && is_utf8(*room));
    require(encode_room(*room) == x);
  }
  auto copy = decode_room(encode_room(x));
  require(copy ? *copy == x : x.empty() || x.size() > 255 || !is_utf8(x));
}

/// Requires that both versions agree on what is an event.
void check_translation(std::string_view x) {
  auto message = frame::automatic(x);
  auto result = translate(message, prefix, "tea");
  require(result.is_binary() == message.is_binary());
  auto view = parse(result.payload());
  require(view.status == status::valid);
  auto is_valid_event = troupe::parse(x, prefix).engaged();
  require(view.kind == (is_valid_event ? kind::event : kind::raw));
  require(is_valid_event || view.text == x);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  check_message(input);
  check_room(input);
  check_translation(input);
  // Uses the input also as a part, where mutations have the most effect.
  auto part = std::string{input};
  check_message("q" + part + ";;add;0;x");
  check_message("q7;#" + part + ";add;0;x");
  check_message("e;" + part + ";0;x");
  check_message("x7;" + part + ";0;x");
  check_message("h" + part);
  check_translation(std::string{prefix} + part);
  return 0;
}
