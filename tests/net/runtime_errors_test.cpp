#define CAF_SUITE net.runtime_errors

#include "net/support/runtime_fixture.hpp"
#include "troupe/runtime.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace troupe;

/// An error names the refused setting, whatever its source, and the reason.

namespace {

struct fixture : test::runtime_fixture {
  /// Returns the error for an invalid argument.
  std::string refusal(std::string_view arg, std::string_view why) {
    std::string result = invalid;
    return result.append(arg).append(why);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(runtime_errors_tests, fixture)

CAF_TEST(a bad argument is named with what is wrong) {
  std::string number = ": the value must be a whole number from 0 to 65535";
  std::string span
    = ": the value must be a time span with its unit, such as 5s or 100ms";
  for (auto arg : {"--port=65536", "--port=-1", "--port=x", "--port=8080x"})
    CAF_CHECK_EQUAL(read({arg}), refusal(arg, number));
  for (auto arg : {"--ws.ping-period=30", "--ws.ping-period=s",
                   "--ws.ping-period=1.5s", "--ws.ping-period=30 s"})
    CAF_CHECK_EQUAL(read({arg}), refusal(arg, span));
  CAF_CHECK_EQUAL(read({"--prot=9000"}),
                  invalid + "--prot=9000: no such option");
  CAF_CHECK_EQUAL(read({"-x"}), invalid + "-x: no such option");
  CAF_CHECK_EQUAL(read({"--ws.binary-messages=true"}),
                  invalid + "--ws.binary-messages=true: this option takes "
                            "no value");
  CAF_CHECK_EQUAL(read({"-t2", "9000"}), invalid + "'9000' is not an option");
  CAF_CHECK_EQUAL(read({""}), invalid + "'' is not an option");
}

CAF_TEST(a word that is no choice is told the choices) {
  std::string policies
    = ": the value must be disconnect, drop-oldest, drop-newest or conflate";
  CAF_CHECK_EQUAL(read({"--ws.on-overflow=drop"}),
                  invalid + "--ws.on-overflow=drop" + policies);
  set("TROUPE_WS_ON_OVERFLOW", "1");
  CAF_CHECK_EQUAL(read({}), invalid + "TROUPE_WS_ON_OVERFLOW=1" + policies);
  unsetenv("TROUPE_WS_ON_OVERFLOW");
  CAF_CHECK_EQUAL(read({with_file("[ws]\non-overflow = 1\n")}),
                  invalid + file + ": ws.on-overflow = 1" + policies);
  CAF_CHECK_EQUAL(read({"--ws.on-id-conflict=x"}),
                  invalid
                    + "--ws.on-id-conflict=x: the value must be reject-new "
                      "or replace-old");
  CAF_CHECK_EQUAL(read({"--ws.on-overflow="}),
                  invalid
                    + "--ws.on-overflow=: the value is missing, as in "
                      "--name=value");
  CAF_CHECK_EQUAL(read({with_file("[ws]\nsubprotocols = 1\n")}),
                  invalid + file
                    + ": ws.subprotocols = 1: the value must be a list, "
                      "such as a,b or [\"a\", \"b\"]");
}

CAF_TEST(a value that is missing is missed) {
  std::string missing = ": the value is missing, as in --name=value";
  CAF_CHECK_EQUAL(read({"--port"}), invalid + "--port" + missing);
  CAF_CHECK_EQUAL(read({"--port="}), invalid + "--port=" + missing);
  CAF_CHECK_EQUAL(read({"--port", "--threads=2"}),
                  invalid + "--port" + missing);
  CAF_CHECK_EQUAL(read({"-p"}), invalid + "-p" + missing);
  CAF_CHECK_EQUAL(read({"--config-file"}), invalid + "--config-file" + missing);
}

CAF_TEST(values out of their range are refused wherever they come from) {
  CAF_CHECK_EQUAL(read({"--ws.ping-period=-5s"}),
                  invalid + "ping_period is -5s, but must be more than 0 and "
                            "at most 365 days");
  CAF_CHECK(read({"--ws.ping-period=99999999999s"}).starts_with(invalid));
  CAF_CHECK_EQUAL(read({"--ws.ping-period=5s", "--threads=2000"}),
                  invalid + "threads is 2000, but must be at most 1024");
  set("TROUPE_HTTP_MAX_HEADER_SIZE", "5");
  CAF_CHECK_EQUAL(read({"--threads=1"}),
                  invalid + "max_header_size is 5, but must be 512 to 1048576");
}

CAF_TEST(a bad variable is named with what is wrong) {
  set("TROUPE_PORT", "x");
  CAF_CHECK_EQUAL(read({}), invalid + "TROUPE_PORT=x: the value must be a "
                                      "whole number from 0 to 65535");
  set("TROUPE_PORT", "1");
  set("TROUPE_WS_BINARY_MESSAGES", "yes");
  CAF_CHECK_EQUAL(read({}), invalid + "TROUPE_WS_BINARY_MESSAGES=yes: the value "
                                      "must be true or false");
}

CAF_TEST(a bad file is named with what is wrong) {
  CAF_CHECK_EQUAL(read({with_file("port = 70000\n")}),
                  invalid + file + ": global.port = 70000: the value must be a "
                                   "whole number from 0 to 65535");
  CAF_CHECK_EQUAL(read({with_file("[ws]\nping-period = 30\n")}),
                  invalid + file + ": ws.ping-period = 30: the value must "
                                   "be a time span with its unit, such as 5s "
                                   "or 100ms");
  CAF_CHECK_EQUAL(read({with_file("[ws]\nping-perod = 30s\n")}),
                  invalid + file + ": ws.ping-perod: no such option");
  CAF_CHECK(read({with_file("[ws\n")}).starts_with(invalid + file + ": "));
  CAF_CHECK_EQUAL(read({"--config-file=/no/such/file"}),
                  invalid + "/no/such/file: cannot open this file");
}

CAF_TEST(what was called otherwise before is refused with its name of now) {
  CAF_CHECK_EQUAL(read({"--troupe.ping-period=30s"}),
                  invalid + "--troupe.ping-period=30s: this option is "
                            "--ws.ping-period now");
  CAF_CHECK_EQUAL(read({"--troupe.ping-perod=30s"}),
                  invalid + "--troupe.ping-perod=30s: no such option");
  CAF_CHECK_EQUAL(read({with_file("[troupe]\nping-period = 30s\n")}),
                  invalid + file + ": troupe: this group is ws now");
  set("TROUPE_PING_PERIOD", "30s");
  CAF_CHECK_EQUAL(read({}), invalid + "TROUPE_PING_PERIOD: this variable is "
                                      "TROUPE_WS_PING_PERIOD now");
}

CAF_TEST_FIXTURE_SCOPE_END()
