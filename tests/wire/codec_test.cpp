// What tests/data/wire_vectors.json cannot say: values of C++, and randomness.

#define CAF_SUITE wire.codec

#include "troupe/codec.hpp"

#include <caf/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace troupe;
using namespace std::string_view_literals;
using nlohmann::json;

namespace {

/// The message of an event "e" with this value, without its "m:e;".
template <class T>
std::string wire_text(const T& x) {
  auto result = encode("e", to_wire(x), "m:");
  return result ? std::string{result->payload().substr(4)}
                : what(result.error());
}

json nested_arrays(size_t depth) {
  json result = json::array();
  for (size_t i = 1; i < depth; ++i) {
    auto outer = json::array();
    outer.push_back(std::move(result));
    result = std::move(outer);
  }
  return result;
}

/// Makes random events, the same ones for the same seed.
class generator {
public:
  explicit generator(uint32_t seed) : rng_(seed) {
  }

  event next() {
    auto name = text(1 + below(8));
    std::replace(name.begin(), name.end(), ';', ':');
    return {std::move(name), value(6)};
  }

  json value(size_t depth) {
    switch (below(depth == 0 ? 7 : 9)) {
      case 0:
        return text(below(40));
      case 1:
        return static_cast<int64_t>(bits());
      case 2:
        return static_cast<int64_t>(below(1000)) - 500;
      case 3:
        return bits(); // unsigned
      case 4:
        return below(2) == 0;
      case 5:
        return nullptr;
      case 6:
        return std::ldexp(static_cast<double>(bits()),
                          static_cast<int>(below(2000)) - 1000);
      case 7: {
        auto result = json::array();
        for (auto n = below(5); n > 0; --n)
          result.push_back(value(depth - 1));
        return result;
      }
      default: {
        auto result = json::object();
        for (auto n = below(5); n > 0; --n)
          result[text(below(10))] = value(depth - 1);
        return result;
      }
    }
  }

  std::string bytes(size_t size) {
    std::string result;
    for (size_t i = 0; i < size; ++i)
      result += static_cast<char>(below(256));
    return result;
  }

private:
  uint64_t bits() {
    return rng_();
  }

  uint64_t below(uint64_t limit) {
    return bits() % limit;
  }

  /// Characters of all lengths, those that mean something more often.
  std::string text(size_t length) {
    constexpr std::string_view characters[]
      = {";", "\"", "\\", "\n", "[", "m:", "\0"sv, "ü", "€", "😀", "a", "7"};
    std::string result;
    for (size_t i = 0; i < length; ++i)
      result += characters[below(std::size(characters))];
    return result;
  }

  std::mt19937_64 rng_;
};

} // namespace

CAF_TEST(C53 values of C plus plus have their own tags) {
  CAF_CHECK_EQUAL(wire_text("text"), "0;text");
  CAF_CHECK_EQUAL(wire_text(std::string{"text"}), "0;text");
  CAF_CHECK_EQUAL(wire_text("text"sv), "0;text");
  CAF_CHECK_EQUAL(wire_text(42), "1;42");
  CAF_CHECK_EQUAL(wire_text(int8_t{-1}), "1;-1");
  CAF_CHECK_EQUAL(wire_text(uint8_t{255}), "1;255");
  CAF_CHECK_EQUAL(wire_text(std::numeric_limits<int64_t>::min()),
                  "1;-9223372036854775808");
  CAF_CHECK_EQUAL(wire_text(uint64_t{1} << 63), "4;9223372036854775808");
  CAF_CHECK_EQUAL(wire_text((uint64_t{1} << 63) - 1), "1;9223372036854775807");
  CAF_CHECK_EQUAL(wire_text(true), "2;true");
  CAF_CHECK_EQUAL(wire_text(false), "2;false");
  CAF_CHECK_EQUAL(wire_text(nullptr), "4;null");
  CAF_CHECK_EQUAL(wire_text(1.5), "4;1.5");
  CAF_CHECK_EQUAL(wire_text(1.0), "4;1.0");
  CAF_CHECK_EQUAL(wire_text(std::vector<int>{1, 2}), "4;[1,2]");
  CAF_CHECK_EQUAL(wire_text(std::map<std::string, int>{{"a", 1}}),
                  "4;{\"a\":1}");
  std::vector<std::byte> bytes{std::byte{'a'}, std::byte{0xff}};
  CAF_CHECK_EQUAL(wire_text(bytes), "3;a\xff");
  CAF_CHECK_EQUAL(wire_text(std::span<std::byte>{bytes}), "3;a\xff");
  CAF_CHECK(to_wire().tag == type_tag::string);
  CAF_CHECK_EQUAL(to_wire().payload, "");
}

CAF_TEST(C64 JSON values have the tags of their types) {
  CAF_CHECK_EQUAL(wire_text(json("text")), "0;text");
  CAF_CHECK_EQUAL(wire_text(json(7)), "1;7");
  CAF_CHECK_EQUAL(wire_text(json(7u)), "1;7");
  CAF_CHECK_EQUAL(wire_text(json(true)), "2;true");
  CAF_CHECK_EQUAL(wire_text(json::binary({'a', 0xff})), "3;a\xff");
  CAF_CHECK_EQUAL(wire_text(json()), "4;null");
  CAF_CHECK_EQUAL(wire_text(json(7.0)), "4;7.0");
  CAF_CHECK_EQUAL(wire_text(json::array()), "4;[]");
  CAF_CHECK_EQUAL(wire_text(json::object()), "4;{}");
}

CAF_TEST(C53 numbers that JSON lacks are null as in JavaScript) {
  CAF_CHECK_EQUAL(wire_text(std::nan("")), "4;null");
  CAF_CHECK_EQUAL(wire_text(HUGE_VAL), "4;null");
}

CAF_TEST(C53 what JSON cannot hold is refused) {
  auto refused = [](const json& body) {
    auto is_invalid = [](const caf::expected<frame>& x) {
      return !x && x.error() == errc::invalid_value;
    };
    return is_invalid(encode(event{"e", body}, "m:"))
           && is_invalid(encode("e", to_wire(body), "m:"));
  };
  CAF_CHECK(refused(json::array({"\xff"})));
  CAF_CHECK(refused(json{{"\xff", 1}}));
  CAF_CHECK(refused(json(json::value_t::discarded)));
  CAF_CHECK(!refused(json("\xff")));
  CAF_CHECK(!refused(nested_arrays(max_json_depth)));
  CAF_CHECK(refused(nested_arrays(max_json_depth + 1)));
}

CAF_TEST(C52 a bad name is refused however the event is given) {
  for (auto name : {""sv, "a;b"sv, "\xff"sv}) {
    CAF_CHECK(encode(event_view{name, type_tag::string, "x"}, "m:")
              == errc::invalid_event_name);
    CAF_CHECK(encode(event{std::string{name}, 1}, "m:")
              == errc::invalid_event_name);
    CAF_CHECK(encode(name, to_wire(1), "m:") == errc::invalid_event_name);
  }
}

CAF_TEST(C55 an unknown tag in a view is an error) {
  auto x = event_view{"e", type_tag{'7'}, "x"};
  CAF_CHECK(!value_of(x) && value_of(x).error() == errc::unknown_type_tag);
  CAF_CHECK(encode(x, "m:") == errc::unknown_type_tag);
}

CAF_TEST(C55 errors tell which event is meant on one line) {
  CAF_CHECK_EQUAL(what(decode("m:a\nb;1;x", "m:").error()),
                  "invalid value: event \"a?b\" announces an integer");
  CAF_CHECK_EQUAL(what(decode("m:chat;7;x", "m:").error()),
                  "unknown type tag: event \"chat\" has tag 7");
}

CAF_TEST(C11 all data frames can be binary) {
  for (const auto& body : {json("text"), json(1), json(true), json::array()}) {
    CAF_CHECK(encode(event{"e", body}, "m:", true)->is_binary());
    CAF_CHECK(!encode(event{"e", body}, "m:")->is_binary());
  }
}

CAF_TEST(C53 a prefix that is no UTF-8 makes messages binary) {
  CAF_CHECK(encode("e", to_wire(1), "\xff:")->is_binary());
}

CAF_TEST(C55 64 KiB of open brackets are an error and no stack overflow) {
  for (auto bracket : {"[", "{\"a\":", "[{\"a\":"}) {
    std::string message{"m:e;4;"};
    while (message.size() < 64 * 1024)
      message += bracket;
    auto result = decode(message, "m:");
    CAF_CHECK(!result && result.error() == errc::invalid_value);
  }
}

CAF_TEST(C54 random events survive the wire) {
  generator events{20240901};
  for (auto i = 0; i < 5000; ++i) {
    auto x = events.next();
    auto message = encode(x, "m:");
    CAF_REQUIRE(message.engaged());
    auto y = decode(message->payload(), "m:");
    CAF_REQUIRE(y.engaged());
    CAF_REQUIRE(y->name == x.name);
    // What JSON cannot say: infinity.
    if (x.body.dump().find("null") == std::string::npos)
      CAF_REQUIRE(y->body == x.body);
    auto again = encode(*y, "m:");
    CAF_REQUIRE(again.engaged());
    CAF_REQUIRE(again->payload() == message->payload());
    CAF_REQUIRE(*again == *message);
  }
}

CAF_TEST(C53 random bytes survive the wire) {
  generator random{7};
  for (size_t size = 0; size < 2000; ++size) {
    auto bytes = random.bytes(size);
    auto body = json::binary({bytes.begin(), bytes.end()});
    auto message = encode(event{"e", body}, "m:");
    CAF_REQUIRE(message.engaged());
    CAF_REQUIRE(message->is_binary());
    CAF_REQUIRE(decode(message->payload(), "m:")->body == body);
    auto text = encode(event{"e", bytes}, "m:");
    CAF_REQUIRE(text.engaged());
    CAF_REQUIRE(decode(text->payload(), "m:")->body == json(bytes));
  }
}

CAF_TEST(C55 random messages give an event or an error) {
  generator random{11};
  std::mt19937_64 rng{13};
  constexpr std::string_view pieces[]
    = {"m:", "chat", ";", "0", "1",  "2",    "3", "4",    "5",    "\"", "[",
       "]",  "{",    "}", ":", "\\", "true", "-", "\0"sv, "\xff", "ü"};
  for (auto i = 0; i < 20000; ++i) {
    auto message = "m:" + random.bytes(rng() % 4);
    for (auto n = rng() % 12; n > 0; --n)
      message += pieces[rng() % std::size(pieces)];
    auto view = parse(message, "m:");
    auto result = decode(message, "m:");
    CAF_REQUIRE(view || !result);
    CAF_REQUIRE(result || !what(result.error()).empty());
    if (view)
      CAF_REQUIRE(encode(*view, "m:").engaged() == result.engaged());
  }
}
