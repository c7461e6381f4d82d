#define CAF_SUITE net.ascii

#include "base/ascii.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe::base;

CAF_TEST(split_off takes parts from the front) {
  std::string_view rest = "a;b;";
  CAF_CHECK_EQUAL(split_off(rest, ';'), "a");
  CAF_CHECK_EQUAL(split_off(rest, ';'), "b");
  CAF_CHECK_EQUAL(rest, "");
  CAF_CHECK_EQUAL(split_off(rest, ';'), "");
  rest = "all";
  CAF_CHECK_EQUAL(split_off(rest, ';'), "all");
  CAF_CHECK_EQUAL(rest, "");
}

CAF_TEST(trim takes blanks from both sides) {
  CAF_CHECK_EQUAL(trim(" \ta b\r\n"), "a b");
  CAF_CHECK_EQUAL(trim(" \t "), "");
  CAF_CHECK_EQUAL(trim(""), "");
}

CAF_TEST(letters are compared without case and nothing else is) {
  CAF_CHECK(equal_without_case("WebSocket", "websocket"));
  CAF_CHECK(!equal_without_case("websocket", "websockets"));
  CAF_CHECK(!equal_without_case("[", "{")); // differ in the bit of case
}

CAF_TEST(lists are searched element by element) {
  CAF_CHECK(list_contains("keep-alive, Upgrade", "upgrade"));
  CAF_CHECK(list_contains(",,upgrade,", "upgrade"));
  CAF_CHECK(!list_contains("no-upgrade", "upgrade"));
  CAF_CHECK(!list_contains("", "upgrade"));
}

CAF_TEST(escapes are resolved and broken ones stay) {
  CAF_CHECK_EQUAL(percent_decode("%41%e2%82%AC+%2"), "A\xe2\x82\xac+%2");
  CAF_CHECK_EQUAL(percent_decode("%%41%g1%"), "%A%g1%");
  CAF_CHECK_EQUAL(form_decode("a+b%2B"), "a b+");
  CAF_CHECK_EQUAL(percent_decode("%00").size(), 1u);
}

CAF_TEST(C14 tokens are what RFC 9110 has) {
  for (auto good : {"a", "chat", "v1.json", "!#$%&'*+-.^_`|~09azAZ"})
    CAF_CHECK(is_token(good));
  for (auto bad : {"", " ", "a b", "a,", "(a)", "a/b", "a:", "\"a\"", "\x7f",
                   "a\tb", "\xc3\xbc", "@", "[a]", "a=b", "{a}", "?", "\\"})
    CAF_CHECK(!is_token(bad));
}
