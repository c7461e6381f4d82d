#define CAF_SUITE wire.reply_handler

#include "troupe/reply_handler.hpp"

#include <caf/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <variant>

using namespace troupe;

namespace {

struct even {
  int value = 0;
};

[[maybe_unused]] void from_json(const nlohmann::json& from, even& to) {
  to.value = from.get<int>();
  if (to.value % 2 != 0)
    throw std::invalid_argument{"odd"};
}

/// Returns what a handler gets if the client answers with `payload`.
template <class T>
reply<T> answered(type_tag tag, std::string_view payload) {
  return detail::to_reply<T>(event_view{{}, tag, payload});
}

/// Returns the code of the refusal that a handler gets.
template <class T>
std::string refusal_of(type_tag tag, std::string_view payload) {
  return answered<T>(tag, payload).why().code;
}

} // namespace

CAF_TEST(a handler gets the value of the answer) {
  auto seven = answered<int>(type_tag::integer, "7");
  CAF_CHECK_EQUAL(*seven, 7);
  auto eight = answered<even>(type_tag::integer, "8");
  CAF_CHECK_EQUAL(eight->value, 8);
  CAF_CHECK(answered<void>(type_tag::string, "ignored"));
}

CAF_TEST(a handler gets the refusal of the client) {
  auto x = detail::to_reply<int>(refuse("busy"));
  CAF_REQUIRE(!x);
  CAF_CHECK_EQUAL(x.why().code, "busy");
}

CAF_TEST(a value that cannot be read is invalid) {
  CAF_CHECK_EQUAL(refusal_of<int>(type_tag::string, "x"), "invalid");
  CAF_CHECK_EQUAL(refusal_of<int>(type_tag::json, "{"), "invalid");
}

CAF_TEST(a value whose conversion throws is invalid) {
  CAF_CHECK_EQUAL(refusal_of<even>(type_tag::integer, "7"), "invalid");
}
