// The byte-exact vectors of tests/data/wire_vectors.json, in both directions.

#define CAF_SUITE wire.vectors

#include "troupe/codec.hpp"

#include "support/vectors.hpp"

#include <caf/test/unit_test.hpp>

#include <set>

using namespace troupe;
using nlohmann::json;
using test::bytes_at;
using test::bytes_of_hex;

namespace {

/// One row of the file; docs/protocol.md says what the fields mean.
struct vector {
  explicit vector(const json& x)
    : name{x.at("item").get<std::string>() + ' '
           + x.at("name").get<std::string>()},
      prefix{x.at("prefix")},
      direction{x.value("direction", "both")},
      error{x.value("error", "")},
      raw{x.value("raw", false)},
      binary{x.value("binary", false)},
      force_binary{x.value("force_binary", false)} {
    if (x.contains("hex"))
      message = bytes_of_hex(x["hex"]);
    else if (x.contains("text"))
      message = x["text"];
    if (x.contains("tag")) {
      event = bytes_at(x, "event");
      tag = type_tag{x["tag"].get<std::string>().at(0)};
    }
    if (direction == "encode")
      payload = bytes_at(x, "payload");
    if (x.contains("body"))
      body = x["body"];
    else if (auto bytes = x.find("body_hex"); bytes == x.end())
      body = nullptr;
    else if (auto raw_body = bytes_of_hex(*bytes); tag == type_tag::bytes)
      body = json::binary({raw_body.begin(), raw_body.end()});
    else
      body = raw_body;
    canonical = x.value("canonical", message);
  }

  std::string name;
  std::string prefix;
  std::string direction;
  std::string error;
  bool raw;
  bool binary;
  bool force_binary;
  std::string message;
  std::string event;
  type_tag tag = type_tag::string;
  std::string payload;
  json body;
  std::string canonical;
};

const std::vector<vector>& vectors() {
  static const auto instance = [] {
    std::vector<vector> result;
    for (const auto& x : test::read_vectors("wire_vectors.json"))
      result.emplace_back(x);
    return result;
  }();
  return instance;
}

/// The name in the file of how `x` went: empty if well.
template <class T>
std::string error_name(const caf::expected<T>& x) {
  if (x)
    return "";
  if (x.error() == errc::malformed_event)
    return "malformed_event";
  if (x.error() == errc::unknown_type_tag)
    return "unknown_type_tag";
  if (x.error() == errc::invalid_event_name)
    return "invalid_event_name";
  if (x.error() == errc::invalid_value)
    return "invalid_value";
  return what(x.error());
}

void check_decodes(const vector& x) {
  CAF_CHECK(is_event(x.message, x.prefix));
  auto view = parse(x.message, x.prefix);
  CAF_REQUIRE_EQUAL(error_name(view), "");
  CAF_CHECK_EQUAL(view->name, x.event);
  CAF_CHECK(view->tag == x.tag);
  auto result = decode(x.message, x.prefix);
  CAF_REQUIRE_EQUAL(error_name(result), "");
  CAF_CHECK_EQUAL(result->name, x.event);
  CAF_CHECK(result->body == x.body);
  CAF_CHECK(result->body.is_number_float() == x.body.is_number_float());
}

void check_encodes(const vector& x) {
  auto view = parse(x.message, x.prefix);
  CAF_REQUIRE_EQUAL(error_name(view), "");
  auto same = encode(*view, x.prefix, x.force_binary);
  CAF_REQUIRE_EQUAL(error_name(same), "");
  CAF_CHECK_EQUAL(same->payload(), x.message);
  CAF_CHECK_EQUAL(same->is_binary(), x.binary);
  auto canonical = encode(event{x.event, x.body}, x.prefix, x.force_binary);
  CAF_REQUIRE_EQUAL(error_name(canonical), "");
  CAF_CHECK_EQUAL(canonical->payload(), x.canonical);
  CAF_CHECK_EQUAL(canonical->is_binary(), x.binary);
}

} // namespace

CAF_TEST(C52 to C57 there are vectors for every rule and every error) {
  std::set<std::string> items;
  std::set<std::string> errors;
  for (const auto& x : vectors()) {
    items.insert(x.name.substr(0, x.name.find(' ')));
    errors.insert(x.error);
  }
  CAF_CHECK_GREATER_OR_EQUAL(vectors().size(), 180u);
  for (auto item : {"C2", "C11", "C52", "C53", "C54", "C55", "C56"})
    CAF_CHECK_EQUAL(items.count(item), 1u);
  for (auto error : {"malformed_event", "unknown_type_tag",
                     "invalid_event_name", "invalid_value"})
    CAF_CHECK_EQUAL(errors.count(error), 1u);
}

CAF_TEST(C52 C53 C54 events decode to the vectors) {
  for (const auto& x : vectors())
    if (x.error.empty() && !x.raw && x.direction != "encode") {
      CAF_MESSAGE(x.name);
      check_decodes(x);
    }
}

CAF_TEST(C52 C53 C54 events encode to the vectors byte by byte) {
  for (const auto& x : vectors())
    if (x.error.empty() && !x.raw && x.direction != "decode") {
      CAF_MESSAGE(x.name);
      check_encodes(x);
    }
}

CAF_TEST(C55 what is no event by the grammar errs before its payload is read) {
  for (const auto& x : vectors())
    if (!x.error.empty() && x.error != "invalid_value"
        && x.direction != "encode") {
      CAF_MESSAGE(x.name);
      CAF_CHECK(is_event(x.message, x.prefix));
      CAF_CHECK_EQUAL(error_name(parse(x.message, x.prefix)), x.error);
      CAF_CHECK_EQUAL(error_name(decode(x.message, x.prefix)), x.error);
    }
}

CAF_TEST(C54 a payload that is no value errs when it is read) {
  for (const auto& x : vectors())
    if (x.error == "invalid_value" && x.direction != "encode") {
      CAF_MESSAGE(x.name);
      auto view = parse(x.message, x.prefix);
      CAF_REQUIRE_EQUAL(error_name(view), "");
      CAF_CHECK_EQUAL(view->name, x.event);
      CAF_CHECK(view->tag == x.tag);
      CAF_CHECK_EQUAL(error_name(value_of(*view)), x.error);
      CAF_CHECK_EQUAL(error_name(encode(*view, x.prefix)), x.error);
    }
}

CAF_TEST(C53 nobody can encode what nobody could decode) {
  for (const auto& x : vectors())
    if (x.direction == "encode") {
      CAF_MESSAGE(x.name);
      auto result = encode(event_view{x.event, x.tag, x.payload}, x.prefix);
      CAF_CHECK_EQUAL(error_name(result), x.error);
    }
}

CAF_TEST(C56 a message without the prefix at its start is no event) {
  for (const auto& x : vectors())
    if (x.raw) {
      CAF_MESSAGE(x.name);
      CAF_CHECK(!is_event(x.message, x.prefix));
      CAF_CHECK_EQUAL(error_name(parse(x.message, x.prefix)),
                      "malformed_event");
    }
}
