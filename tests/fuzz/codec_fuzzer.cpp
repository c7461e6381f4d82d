// Passes hostile messages to the codec. It must return an event, a raw message
// or an error for each, and encoding and decoding an event must not change it.

#include "troupe/codec.hpp"
#include "troupe/handler.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace troupe;

namespace {

constexpr std::string_view prefix = "m:";

/// Aborts the process, which the fuzzer reports as a failure.
void require(bool condition) {
  if (!condition)
    std::abort();
}

/// Parses the frame as a client does (RFC 6455 section 5.2).
void check_header(const frame& x) {
  auto bytes = x.wire().bytes;
  require(bytes.size() >= 2);
  auto at = [&bytes](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  require(at(0) == (x.is_binary() ? 0x82 : 0x81)); // FIN, no RSV
  require((at(1) & 0x80) == 0);                    // no mask
  uint64_t length = at(1);
  size_t header_size = 2;
  if (length >= 126) {
    header_size = length == 126 ? 4 : 10;
    require(bytes.size() >= header_size);
    auto minimum = length == 126 ? 126u : 0x10000u;
    length = 0;
    for (size_t i = 2; i < header_size; ++i)
      length = length << 8 | at(i);
    require(length >= minimum);
  }
  require(length == x.payload().size());
  require(bytes.substr(header_size) == x.payload());
}

/// Requires a text frame to be UTF-8; a browser would otherwise disconnect.
void check_text(const frame& x) {
  require(x.is_binary() || !frame::automatic(x.payload()).is_binary());
}

/// Requires that encoding and decoding returns the same event.
void check_round_trip(const event& x) {
  for (auto force_binary : {false, true}) {
    auto message = encode(x, prefix, force_binary);
    require(message.engaged());
    require(message->is_binary() || !force_binary);
    check_header(*message);
    check_text(*message);
    auto copy = decode(message->payload(), prefix);
    require(copy && copy->name == x.name && copy->body == x.body);
    auto again = encode(*copy, prefix, force_binary);
    require(again && *again == *message);
  }
}

/// Requires that encoding a parsed event returns the original message.
void check_view(const event_view& x, std::string_view message) {
  auto value = value_of(x);
  auto sent = encode(x, prefix);
  require(sent.engaged() == value.engaged());
  if (sent) {
    require(sent->payload() == message);
    check_header(*sent);
    check_text(*sent);
  }
}

/// Requires that a handler of small numbers gets those of the message.
void check_numbers(const event_view& x) {
  std::vector<int8_t> numbers;
  if (!detail::read(x, numbers))
    require(value_of(x) == nlohmann::json(numbers));
}

void check_message(std::string_view message) {
  auto view = parse(message, prefix);
  auto result = decode(message, prefix);
  require(is_event(message, prefix) || !view);
  require(view || !result);
  if (view) {
    require(result.engaged() == value_of(*view).engaged());
    require(view->name.size() <= max_event_name_size);
    check_view(*view, message);
    check_numbers(*view);
  } else {
    require(!what(view.error()).empty());
  }
  if (result)
    check_round_trip(*result);
  else
    require(!what(result.error()).empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  check_message(input);
  // Uses the input also as a name and as a payload of each type, where
  // mutations have the most effect.
  check_message(std::string{prefix} + std::string{input} + ";0;x");
  for (auto tag = '0'; tag <= '5'; ++tag)
    check_message(std::string{prefix} + "e;" + tag + ';' + std::string{input});
  check_header(frame::automatic(input));
  check_text(frame::automatic(input));
  return 0;
}
