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

CAF_TEST(a path has one form) {
  CAF_CHECK_EQUAL(normalize_path("/%6Cogin/%7euser"), "/login/~user");
  CAF_CHECK_EQUAL(normalize_path("/a%40b%2A%3b"), "/a@b*;");
  CAF_CHECK_EQUAL(normalize_path("/%c3%a4|"), "/%C3%A4%7C");
  CAF_CHECK_EQUAL(normalize_path("/%2e%2E/."), "/../.");
  CAF_CHECK_EQUAL(normalize_path("/a%2fb%3F%23%25%00%20"),
                  "/a%2Fb%3F%23%25%00%20");
  CAF_CHECK_EQUAL(normalize_path("/%252e"), "/%252e");
  CAF_CHECK_EQUAL(normalize_path("/%zz%4%"), "/%25zz%254%25");
  CAF_CHECK_EQUAL(normalize_path("/%%41"), "/%25A");
}

CAF_TEST(the form of a path changes neither itself nor what it means) {
  for (auto x :
       {"/login", "/%6C", "/%2f", "/%252f", "/%zz", "/%%41%4", "/a|b"}) {
    auto once = normalize_path(x);
    CAF_CHECK_EQUAL(normalize_path(once), once);
    CAF_CHECK_EQUAL(percent_decode(once), percent_decode(x));
  }
  CAF_CHECK(is_plain_path("/a-b._~!$&'()*+,;=:@"));
  CAF_CHECK(!is_plain_path("/%61"));
  CAF_CHECK(!is_plain_path("/|"));
}

CAF_TEST(C14 tokens are what RFC 9110 has) {
  for (auto good : {"a", "chat", "v1.json", "!#$%&'*+-.^_`|~09azAZ"})
    CAF_CHECK(is_token(good));
  for (auto bad : {"", " ", "a b", "a,", "(a)", "a/b", "a:", "\"a\"", "\x7f",
                   "a\tb", "\xc3\xbc", "@", "[a]", "a=b", "{a}", "?", "\\"})
    CAF_CHECK(!is_token(bad));
}
