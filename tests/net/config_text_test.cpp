#define CAF_SUITE net.config_text

#include "base/config_text.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/config_option_adder.hpp>
#include <caf/test/unit_test.hpp>

#include <chrono>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe::options;

namespace {

/// Returns what CAF reads from `text`.
caf::settings parsed(const std::string& text) {
  std::istringstream in{text};
  auto result = caf::actor_system_config::parse_config(in);
  CAF_REQUIRE(result);
  return *result;
}

/// Returns `x` after writing and reading it.
caf::config_value there_and_back(const caf::config_value& x) {
  return parsed("x = " + to_text(x) + " ; a comment\n")["x"];
}

template <class T>
void check_round_trip(T x) {
  caf::config_value value{x};
  CAF_CHECK_EQUAL(there_and_back(value), value);
}

} // namespace

CAF_TEST(time spans have the largest unit that fits) {
  auto text = [](caf::timespan x) { return to_text(caf::config_value{x}); };
  CAF_CHECK_EQUAL(text(0s), "0s");
  CAF_CHECK_EQUAL(text(54s), "54s");
  CAF_CHECK_EQUAL(text(60s), "1min");
  CAF_CHECK_EQUAL(text(90min), "90min");
  CAF_CHECK_EQUAL(text(24h), "24h");
  CAF_CHECK_EQUAL(text(1500ms), "1500ms");
  CAF_CHECK_EQUAL(text(-5us), "-5us");
  CAF_CHECK_EQUAL(text(1ns), "1ns");
}

CAF_TEST(CAF reads each kind of value as it was) {
  for (auto x : {0, 1, -1, 65535})
    check_round_trip(int64_t{x});
  check_round_trip(std::numeric_limits<int64_t>::max());
  for (auto x : {true, false})
    check_round_trip(x);
  for (auto x : {0.0, 0.5, -2.0, 3.0, 1e20, 1.25e-7})
    check_round_trip(x);
  for (caf::timespan x : {caf::timespan{0s}, caf::timespan{1500ms},
                          caf::timespan{7h}, caf::timespan{-3ns}})
    check_round_trip(x);
  check_round_trip(caf::atom("word"));
  for (auto x : {"", "plain", "a; b # c", "\"quoted\"", "back\\slash\\",
                 "line\nbreak\r\n\ttab", "\xc3\xa4\x01"})
    check_round_trip(std::string{x});
  using list = caf::config_value::list;
  check_round_trip(list{});
  check_round_trip(list{caf::config_value{"a, b"}, caf::config_value{1}});
  caf::config_value::dictionary entries;
  entries.emplace("a", 1);
  entries.emplace("b", list{caf::config_value{"c"}});
  check_round_trip(entries);
}

CAF_TEST(settings come by group with their sources) {
  set all;
  auto speed = size_t{3};
  std::vector<std::string> names{"a", "b"};
  std::string color = "red";
  auto caf_setting = false;
  caf::config_option_adder{all, "global"}.add(caf_setting, "of-caf", "");
  caf::config_option_adder{all, "car"}.add(speed, "speed", "");
  caf::config_option_adder{all, "global"}.add(color, "color", "");
  caf::config_option_adder{all, "car"}
    .add(names, "names", "")
    .add<int>("without-variable", "")
    .add<int>("not-set", "");
  caf::settings values;
  caf::put(values, "car.without-variable", 7);
  caf::put(values, "other.thing", 8);
  sources from{{"car.speed", "command line"},
               {"car.without-variable", "file\nname"},
               {"other.thing", "a file"}};
  CAF_CHECK_EQUAL(config_text(all, 1, values, from),
                  "color = \"red\" ; default\n"
                  "\n"
                  "car {\n"
                  "  speed = 3 ; command line\n"
                  "  names = [\"a\", \"b\"] ; default\n"
                  "  without-variable = 7 ; file\\x0aname\n"
                  "}\n"
                  "\n"
                  "other {\n"
                  "  thing = 8 ; a file\n"
                  "}\n");
}

CAF_TEST(an option of CAF is written if it is set) {
  set all;
  auto flag = true;
  caf::config_option_adder{all, "caf"}.add(flag, "flag", "");
  caf::settings values;
  caf::put(values, "caf.flag", true);
  CAF_CHECK_EQUAL(config_text(all, 1, values, {}), "");
  CAF_CHECK_EQUAL(config_text(all, 1, values, {{"caf.flag", "file"}}),
                  "\ncaf {\n  flag = true ; file\n}\n");
}
