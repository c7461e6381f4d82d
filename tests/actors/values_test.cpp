#define CAF_SUITE actors.values

#include "troupe/values.hpp"

#include <caf/test/unit_test.hpp>

using troupe::values;

namespace {

using strings = std::vector<std::string>;

struct point {
  int x;
};

} // namespace

CAF_TEST(C47 a value is of the type it was set with) {
  values xs;
  CAF_CHECK(xs.get<int>("n") == nullptr);
  xs.set("n", 7);
  xs.set("p", point{3});
  CAF_CHECK_EQUAL(*xs.get<int>("n"), 7);
  CAF_CHECK_EQUAL(xs.get<point>("p")->x, 3);
  CAF_CHECK(xs.get<std::string>("n") == nullptr);
  xs.set("n", point{1});
  CAF_CHECK(xs.get<int>("n") == nullptr);
}

CAF_TEST(C47 text of any kind is a string) {
  values xs;
  const std::string text = "text";
  xs.set("a", "text");
  xs.set("b", std::string_view{text});
  xs.set("c", text);
  for (auto key : {"a", "b", "c"}) {
    CAF_CHECK_EQUAL(xs.get_string(key), "text");
    CAF_CHECK_EQUAL(*xs.get<std::string>(key), "text");
  }
  xs.set("n", 7);
  CAF_CHECK_EQUAL(xs.get_string("n"), "");
  CAF_CHECK_EQUAL(xs.get_string("nothing"), "");
}

CAF_TEST(C47 an integer may be any or a text in decimal) {
  values xs;
  xs.set("int", -7);
  xs.set("big", uint64_t{1} << 40);
  xs.set("short", static_cast<short>(9));
  xs.set("huge", uint64_t{1} << 63);
  xs.set("text", "0042");
  xs.set("plus", "+5");
  xs.set("none", "4x");
  xs.set("odd", "+-4");
  xs.set("bool", true);
  CAF_CHECK_EQUAL(xs.get_int("int"), -7);
  CAF_CHECK_EQUAL(xs.get_int("big"), int64_t{1} << 40);
  CAF_CHECK_EQUAL(xs.get_int("short"), 9);
  CAF_CHECK_EQUAL(xs.get_int("text"), 42);
  CAF_CHECK_EQUAL(xs.get_int("plus"), 5);
  for (auto key : {"huge", "none", "odd", "bool", "nothing"})
    CAF_CHECK_EQUAL(xs.get_int(key), 0);
}

CAF_TEST(C47 a list of texts is one or empty) {
  values xs;
  xs.set("list", strings{"a", "b"});
  xs.set("text", "a");
  CAF_CHECK_EQUAL(xs.get_strings("list"), (strings{"a", "b"}));
  CAF_CHECK_EQUAL(xs.get_strings("text"), strings{});
  CAF_CHECK_EQUAL(xs.get_strings("nothing"), strings{});
}
