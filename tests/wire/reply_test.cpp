#define CAF_SUITE wire.reply

#include "troupe/reply.hpp"

#include "support/throws.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

reply<std::string> greet(const std::string& name) {
  if (name.empty())
    return refuse("invalid", "who?", 2s);
  return "hello " + name;
}

struct broken {};

[[maybe_unused]] void to_json(nlohmann::json&, const broken&) {
  throw std::runtime_error{"broken"};
}

wire_value value_in(const outcome& x) {
  const auto* value = std::get_if<wire_value>(&x);
  CAF_REQUIRE(value != nullptr);
  return *value;
}

refusal refusal_in(const outcome& x) {
  const auto* why = std::get_if<refusal>(&x);
  CAF_REQUIRE(why != nullptr);
  return *why;
}

} // namespace

CAF_TEST(a reply is a value or a refusal) {
  auto good = greet("ann");
  CAF_REQUIRE(good);
  CAF_CHECK_EQUAL(*good, "hello ann");
  CAF_CHECK_EQUAL(good.value(), "hello ann");
  CAF_CHECK_EQUAL(good->size(), 9u);
  CAF_CHECK(test::throws<std::bad_variant_access>([&] { good.why(); }));
  auto bad = greet("");
  CAF_REQUIRE(!bad);
  CAF_CHECK(bad.why() == (refusal{"invalid", "who?", 2s}));
  CAF_CHECK(test::throws<std::bad_variant_access>([&] { *bad; }));
}

CAF_TEST(a reply is made of what its value is made of) {
  reply<std::string> text = "text";
  CAF_CHECK_EQUAL(*text, "text");
  reply<nlohmann::json> number = 1;
  CAF_CHECK(*number == 1);
  reply<nlohmann::json> refused = refuse("full");
  CAF_CHECK(!refused);
  auto copy = number;
  CAF_CHECK(*copy == 1);
  reply<std::unique_ptr<int>> moved = std::make_unique<int>(2);
  CAF_CHECK_EQUAL(*std::move(moved).value(), 2);
}

CAF_TEST(a reply without a value is done or a refusal) {
  reply<void> done;
  CAF_CHECK(done);
  CAF_CHECK(test::throws<std::bad_optional_access>([&] { done.why(); }));
  reply<void> refused = refuse("full");
  CAF_REQUIRE(!refused);
  CAF_CHECK_EQUAL(refused.why().code, "full");
}

CAF_TEST(the code of a refusal is 1 to 64 of a few characters) {
  for (auto x : {"x", "not_member", "e404", "_"})
    CAF_CHECK(is_refusal_code(x));
  for (auto x : {"", "Full", "not member", "not-member", "a;b", "\xC3\xA9"})
    CAF_CHECK(!is_refusal_code(x));
  CAF_CHECK(is_refusal_code(std::string(64, 'x')));
  CAF_CHECK(!is_refusal_code(std::string(65, 'x')));
}

CAF_TEST(a refusal with an invalid code becomes failed) {
  auto x = refusal_in(to_outcome(refuse("No;way", "text", 3s)));
  CAF_CHECK(x == (refusal{"failed", "text", 3s}));
  CAF_CHECK_EQUAL(refusal_in(to_outcome(refuse("no_way"))).code, "no_way");
}

CAF_TEST(a refusal is made fit to be sent) {
  auto x = refusal_in(to_outcome(refuse("full", "\xFF", -1s)));
  CAF_CHECK(x == refusal{"full"});
}

CAF_TEST(the outcome of a value is the value in wire format) {
  CAF_CHECK(value_in(to_outcome()).payload.empty());
  CAF_CHECK_EQUAL(value_in(to_outcome("text")).payload, "text");
  auto number = value_in(to_outcome(7));
  CAF_CHECK(number.tag == type_tag::integer);
  CAF_CHECK_EQUAL(number.payload, "7");
  auto list = value_in(to_outcome(std::vector{1, 2}));
  CAF_CHECK(list.tag == type_tag::json);
  CAF_CHECK_EQUAL(list.payload, "[1,2]");
}

CAF_TEST(the outcome of a reply is its value or its refusal) {
  CAF_CHECK_EQUAL(value_in(to_outcome(greet("ann"))).payload, "hello ann");
  CAF_CHECK_EQUAL(refusal_in(to_outcome(greet(""))).code, "invalid");
  CAF_CHECK(value_in(to_outcome(reply<void>{})).payload.empty());
  reply<void> refused = refuse("Full");
  CAF_CHECK_EQUAL(refusal_in(to_outcome(refused)).code, "failed");
}

CAF_TEST(a value without a representation in JSON is refused) {
  auto not_utf8 = nlohmann::json{{"name", "\xFF"}};
  CAF_CHECK_EQUAL(refusal_in(to_outcome(not_utf8)).code, "failed");
  CAF_CHECK_EQUAL(refusal_in(to_outcome(reply<nlohmann::json>{not_utf8})).code,
                  "failed");
  CAF_CHECK(test::throws<std::runtime_error>([&] { to_outcome(broken{}); }));
}
