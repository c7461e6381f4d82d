// The vectors of tests/data/protocol2_vectors.json in both directions, and what
// they cannot say.

#define CAF_SUITE wire.protocol2

#include "base/protocol2.hpp"

#include "base/event_parts.hpp"
#include "support/protocol2.hpp"
#include "support/vectors.hpp"

#include <caf/test/unit_test.hpp>

#include <map>
#include <random>
#include <set>
#include <vector>

using namespace troupe;
using namespace troupe::protocol2;
using namespace std::string_literals;
using namespace std::string_view_literals;
using nlohmann::json;

namespace {

const std::map<std::string, protocol2::kind> kinds{
  {"hello", kind::hello},   {"event", kind::event},
  {"raw", kind::raw},       {"request", kind::request},
  {"answer", kind::answer}, {"error", kind::error},
  {"join", kind::join},     {"leave", kind::leave},
  {"change", kind::change}, {"advice", kind::advice},
  {"beat", kind::beat},     {"probe", kind::probe},
};

/// One row of the file; docs/protocol-2.md says what the fields mean.
struct vector {
  explicit vector(const json& x)
    : name{x.at("name")},
      rule{x.value("kind", "")},
      error{x.value("error", "")},
      is_canonical{x.value("direction", "both") == "both"},
      is_binary{x.contains("hex") || x.value("tag", "") == "3"},
      message{x.contains("hex") ? test::bytes_of_hex(x["hex"])
                                : x["text"].get<std::string>()},
      id{x.value("id", uint64_t{0})},
      room{x.value("room", "")},
      event{x.value("event", "")},
      code{x.value("code", "")},
      body(x.value("json", json())) {
    if (x.contains("tag"))
      tag = type_tag{x["tag"].get<std::string>().at(0)};
    if (x.contains("payload") || x.contains("payload_hex"))
      payload = test::bytes_at(x, "payload");
  }

  std::string name;
  std::string rule;
  std::string error;
  bool is_canonical;
  bool is_binary;
  std::string message;
  uint64_t id;
  std::string room;
  std::string event;
  std::string code;
  json body;
  type_tag tag = type_tag::string;
  std::string payload;
};

const std::vector<vector>& vectors() {
  static const auto instance = [] {
    std::vector<vector> result;
    for (const auto& x : test::read_vectors("protocol2_vectors.json"))
      result.emplace_back(x);
    return result;
  }();
  return instance;
}

bool has_json(protocol2::kind x) {
  return x == kind::hello || x == kind::advice;
}

/// The name in the file of how `x` went: empty if well.
std::string error_name(const message_view& x) {
  if (x.status == status::unknown)
    return "unknown";
  if (x.status == status::malformed
      || (has_json(x.kind) && !decode_json(x.text)))
    return "malformed";
  return "";
}

bool has_parts(const message_view& x) {
  return !(x.room.empty() && x.code.empty() && x.value.name.empty()
           && x.value.payload.empty() && x.text.empty());
}

void check_parses(const vector& x) {
  auto view = parse(x.message);
  CAF_REQUIRE_EQUAL(error_name(view), "");
  CAF_CHECK(view.kind == kinds.at(x.rule));
  CAF_CHECK_EQUAL(view.id, x.id);
  CAF_CHECK_EQUAL(view.room.empty() ? "" : decode_room(view.room).value(),
                  x.room);
  CAF_CHECK_EQUAL(view.code, x.code);
  CAF_CHECK_EQUAL(view.value.name, x.event);
  CAF_CHECK(view.value.tag == x.tag);
  CAF_CHECK_EQUAL(view.kind == kind::raw ? view.text : view.value.payload,
                  x.payload);
  if (has_json(view.kind))
    CAF_CHECK(decode_json(view.text) == x.body);
}

/// The message of the parts of `x`.
frame encoded(const vector& x, bool binary) {
  auto room = encode_room(x.room);
  auto value = wire_value{x.tag, x.payload};
  auto event = event_view{x.event, x.tag, x.payload};
  switch (auto what = kinds.at(x.rule); what) {
    case kind::hello:
    case kind::advice:
      return encode_json(what, x.body, binary);
    case kind::event:
      return encode_event(room, event, binary);
    case kind::raw:
      return encode_raw(x.payload, binary);
    case kind::request:
      return encode_request(x.id, room, event, binary);
    case kind::answer:
      return encode_answer(x.id, value, binary);
    case kind::error:
      return encode_error(x.id, x.code, value, binary);
    case kind::join:
      return encode_join(x.id, room, value, binary);
    case kind::leave:
      return encode_leave(room, binary);
    case kind::change:
      return encode_change(room, x.code, binary);
    default:
      return encode_sign(what, binary);
  }
}

std::string translated(const frame& x, std::string_view room = "") {
  auto result = translate(x, "m:", room);
  CAF_CHECK_EQUAL(result.is_binary(), x.is_binary());
  return std::string{result.payload()};
}

} // namespace

// -- vectors ------------------------------------------------------------------

CAF_TEST(there are vectors for every rule and every error of it) {
  std::set<std::string> valid;
  std::set<std::string> malformed;
  std::set<std::string> errors;
  for (const auto& x : vectors()) {
    (x.error.empty() ? valid : malformed).insert(x.rule);
    errors.insert(x.error);
  }
  CAF_CHECK_GREATER_OR_EQUAL(vectors().size(), 250u);
  for (const auto& [rule, unused] : kinds) {
    CAF_CHECK_EQUAL(valid.count(rule), 1u);
    CAF_CHECK_EQUAL(malformed.count(rule), rule == "raw" ? 0u : 1u);
  }
  CAF_CHECK_EQUAL(errors, (std::set<std::string>{"", "malformed", "unknown"}));
}

CAF_TEST(valid messages have the parts of the vectors) {
  for (const auto& x : vectors())
    if (x.error.empty()) {
      CAF_MESSAGE(x.name);
      check_parses(x);
    }
}

CAF_TEST(other messages err as the vectors say and have no parts) {
  for (const auto& x : vectors())
    if (!x.error.empty()) {
      CAF_MESSAGE(x.name);
      auto view = parse(x.message);
      CAF_CHECK_EQUAL(error_name(view), x.error);
      CAF_CHECK_EQUAL(view.id, x.id);
      CAF_CHECK(view.kind == protocol2::kind{x.message.c_str()[0]});
      if (!x.rule.empty())
        CAF_CHECK(view.kind == kinds.at(x.rule));
      CAF_CHECK(view.status == status::valid || !has_parts(view));
    }
}

CAF_TEST(parts encode to the vectors byte by byte) {
  for (const auto& x : vectors())
    if (x.error.empty() && x.is_canonical) {
      CAF_MESSAGE(x.name);
      auto message = encoded(x, false);
      CAF_CHECK_EQUAL(message.payload(), x.message);
      CAF_CHECK_EQUAL(message.is_binary(), x.is_binary);
    }
}

CAF_TEST(all messages can be binary) {
  for (const auto& x : vectors())
    if (x.error.empty()) {
      CAF_MESSAGE(x.name);
      auto message = encoded(x, false);
      CAF_CHECK(encoded(x, true) == frame::binary(message.payload()));
    }
}

// -- rooms and codes ----------------------------------------------------------

CAF_TEST(the names of rooms survive the wire) {
  std::string all;
  for (auto c = 1; c < 128; ++c)
    all += static_cast<char>(c);
  for (auto room : {"tea"s, "%"s, ";"s, "%25"s, "%3B"s, "%%;;"s, "a%"s, "#"s,
                    "größe"s, all, std::string(255, '%')}) {
    auto wire = encode_room(room);
    CAF_CHECK_EQUAL(wire.find(';'), std::string::npos);
    CAF_CHECK(decode_room(wire) == room);
  }
}

CAF_TEST(what is not the name of a room is refused) {
  for (auto wire : {""sv, "a;b"sv, "%"sv, "%2"sv, "%3b"sv, "%3"sv, "%26"sv,
                    "a%25%"sv, "\xff"sv, "\xc3%25\xbc"sv})
    CAF_CHECK(!decode_room(wire));
  CAF_CHECK(decode_room(std::string(255, 'a')));
  CAF_CHECK(!decode_room(std::string(256, 'a')));
  CAF_CHECK(decode_room(encode_room(std::string(255, ';'))));
  CAF_CHECK(!decode_room(encode_room(std::string(256, ';'))));
}

CAF_TEST(codes are lower case letters and digits and underscores) {
  std::string all;
  for (auto c = 0; c < 256; ++c)
    if (auto code = std::string(1, static_cast<char>(c)); is_refusal_code(code))
      all += code;
  CAF_CHECK_EQUAL(all, "0123456789_abcdefghijklmnopqrstuvwxyz");
  CAF_CHECK(!is_refusal_code(""));
  CAF_CHECK(is_refusal_code(std::string(max_refusal_code_size, 'a')));
  CAF_CHECK(!is_refusal_code(std::string(max_refusal_code_size + 1, 'a')));
}

// -- JSON ---------------------------------------------------------------------

CAF_TEST(JSON is an object by the rules of version 1) {
  auto nested = [](size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[')
           + std::string(depth - 1, ']') + '}';
  };
  CAF_CHECK(decode_json("{}") == json::object());
  CAF_CHECK(decode_json(nested(max_json_depth)));
  CAF_CHECK(!decode_json(nested(max_json_depth + 1)));
  CAF_CHECK(!decode_json(""));
  CAF_CHECK(!decode_json("1e999"));
  CAF_CHECK(!decode_json(R"({"a":1e999})"));
  CAF_CHECK(!decode_json(R"({"a":"\ud800"})"));
}

CAF_TEST(bytes that JSON cannot hold are replaced) {
  auto message = encode_json(kind::advice, {{"why", "a\xff"}});
  CAF_CHECK_EQUAL(message.payload(), "s{\"why\":\"a\xEF\xBF\xBD\"}");
  CAF_CHECK(!message.is_binary());
}

// -- values -------------------------------------------------------------------

CAF_TEST(a value without a representation in JSON is never sent as text) {
  CAF_CHECK(is_encodable(to_wire(json{{"a", 1}})));
  CAF_CHECK(is_encodable(to_wire("\xff")));
  auto bad = to_wire(json::array({"\xff"}));
  CAF_CHECK(!is_encodable(bad));
  CAF_CHECK(encode_answer(1, bad).is_binary());
}

// -- translation --------------------------------------------------------------

CAF_TEST(events of version 1 become events) {
  CAF_CHECK_EQUAL(translated(frame::text("m:said;0;a;b")), "e;said;0;a;b");
  CAF_CHECK_EQUAL(translated(frame::text("m:said;0;"), "a%3Bb"),
                  "e#a%3Bb;said;0;");
  CAF_CHECK_EQUAL(translated(frame::binary("m:file;3;\xff"), "tea"),
                  "e#tea;file;3;\xff");
  CAF_CHECK_EQUAL(translated(frame::binary("m:said;0;x")), "e;said;0;x");
}

CAF_TEST(everything else of version 1 becomes a raw message) {
  CAF_CHECK_EQUAL(translated(frame::text("hello")), "rhello");
  CAF_CHECK_EQUAL(translated(frame::text("hello"), "tea"), "rhello");
  CAF_CHECK_EQUAL(translated(frame::text("")), "r");
  CAF_CHECK_EQUAL(translated(frame::binary("\xff"), "tea"), "r\xff");
  // These begin with the prefix, and would be malformed as events.
  for (auto message : {"m:", "m:said", "m:;0;x", "m:said;7;x", "m:said;0"})
    CAF_CHECK_EQUAL(translated(frame::text(message)),
                    "r" + std::string{message});
}

CAF_TEST(any prefix can be translated) {
  auto x = encode("said", to_wire("x"), "\xff:");
  CAF_REQUIRE(x);
  CAF_CHECK(translate(*x, "\xff:", "") == frame::binary("e;said;0;x"));
  CAF_CHECK(translate(frame::text("said;0;x"), "", "")
            == frame::text("e;said;0;x"));
}

// -- random messages ----------------------------------------------------------

CAF_TEST(random messages are valid and encode to themselves or have no parts) {
  std::mt19937_64 rng{17};
  constexpr std::string_view pieces[]
    = {"e",  "r",   "q",   "a",  "x",      "j",  "l",    "y",  "h",    "s",
       ".",  "?",   ";",   ";",  ";",      "#",  "7",    "0",  "4",    "3",
       "9",  "tea", "%25", "%3", "B",      "%",  "busy", "ü",  "\xff", "\0"sv,
       "{}", "{",   "}",   "\"", "\"a\":", "1;", "7;",   ";0;"};
  std::map<status, size_t> counts;
  for (auto i = 0; i < 40000; ++i) {
    std::string message;
    for (auto n = rng() % 9; n > 0; --n)
      message += rng() % 16 == 0 ? std::string(1, static_cast<char>(rng()))
                                 : pieces[rng() % std::size(pieces)];
    auto view = parse(message);
    ++counts[view.status];
    if (view.status != status::valid)
      CAF_REQUIRE(!has_parts(view));
    else if (!has_json(view.kind))
      CAF_REQUIRE(test::encode_again(view, true) == frame::binary(message));
    if (auto room = decode_room(message))
      CAF_REQUIRE_EQUAL(encode_room(*room), message);
  }
  CAF_CHECK_GREATER(counts[status::valid], 1000u);
  CAF_CHECK_GREATER(counts[status::unknown], 1000u);
  CAF_CHECK_GREATER(counts[status::malformed], 1000u);
}
