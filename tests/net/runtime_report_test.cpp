#define CAF_SUITE net.runtime_report

#include "net/support/authority.hpp"
#include "net/support/runtime_fixture.hpp"
#include "troupe/runtime.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::test;

/// `--check-config` and `--print-config` report what a start would use.

namespace {

using list = std::vector<std::string>;

/// Collects what is written to `stream`.
class capture {
public:
  explicit capture(std::ostream& stream)
    : stream_{stream},
      buffer_{stream.rdbuf(text_.rdbuf())} {
  }

  ~capture() {
    stream_.rdbuf(buffer_);
  }

  std::string text() const {
    return text_.str();
  }

private:
  std::ostringstream text_;
  std::ostream& stream_;
  std::streambuf* buffer_;
};

struct fixture : runtime_fixture {
  /// Reads the options `args` in a new configuration.
  /// @returns the error, or "fine".
  std::string report(const list& args) {
    runtime_config fresh;
    capture out{std::cout};
    capture err{std::cerr};
    auto error = fresh.read(args);
    output = out.text();
    warnings = err.text();
    has_printed = fresh.cli_helptext_printed;
    return error ? what(error) : "fine";
  }

  bool has_line(const std::string& line) const {
    return ('\n' + output).find('\n' + line + '\n') != std::string::npos;
  }

  std::string output;
  std::string warnings;
  bool has_printed = false;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(runtime_report_tests, fixture)

CAF_TEST(valid settings are reported and the program should exit) {
  CAF_CHECK_EQUAL(report({"--check-config"}), "fine");
  CAF_CHECK_EQUAL(output, "the settings are valid\n");
  CAF_CHECK_EQUAL(warnings, "");
  CAF_CHECK(has_printed);
  CAF_CHECK_EQUAL(report({}), "fine");
  CAF_CHECK_EQUAL(output, "");
  CAF_CHECK(!has_printed);
}

CAF_TEST(invalid settings from each place are errors) {
  for (auto arg : {"--check-config", "--print-config"}) {
    CAF_CHECK_EQUAL(report({arg, "--ws.max-rooms=0"}),
                    invalid + "max_rooms is 0, but must be at least 1");
    CAF_CHECK_EQUAL(output, "");
    CAF_CHECK(!has_printed);
    auto option = with_file("threads = 2000\n");
    CAF_CHECK_NOT_EQUAL(report({arg, option}), "fine");
    set("TROUPE_PORT", "x");
    CAF_CHECK_NOT_EQUAL(report({arg}), "fine");
    unsetenv("TROUPE_PORT");
  }
}

CAF_TEST(each setting is printed with the place that set it) {
  auto option = with_file(
    "threads = 1\n"
    "port = 1\n"
    "ws { ping-period = 59s, inbound-credit = 1 }\n"
    "scheduler { max-throughput = 7 }\n"
    "my-app { color = \"green\" }\n");
  set("TROUPE_WS_INBOUND_CREDIT", "2");
  set("TROUPE_PORT", "2");
  CAF_CHECK_EQUAL(report({"--print-config", option, "--port=3",
                          "--ws.allowed-origins=http://a,http://b"}),
                  "fine");
  CAF_CHECK(has_printed);
  CAF_CHECK(has_line("host = \"127.0.0.1\" ; default"));
  CAF_CHECK(has_line("port = 3 ; command line"));
  CAF_CHECK(has_line("threads = 1 ; " + file));
  CAF_CHECK(has_line("  ping-period = 59s ; " + file));
  CAF_CHECK(has_line("  inbound-credit = 2 ; TROUPE_WS_INBOUND_CREDIT"));
  CAF_CHECK(has_line("  read-timeout = 0s ; default"));
  CAF_CHECK(has_line("  on-overflow = \"disconnect\" ; default"));
  CAF_CHECK(has_line(
    "  allowed-origins = [\"http://a\", \"http://b\"] ; command line"));
  CAF_CHECK(has_line("  max-throughput = 7 ; " + file));
  CAF_CHECK(has_line("  color = \"green\" ; " + file));
  CAF_CHECK(output.find("-config") == std::string::npos);
}

CAF_TEST(what is printed is a configuration file with the same settings) {
  CAF_CHECK_EQUAL(report({"--print-config", "--port=9", "--ws.ping-period=7ms",
                          "--ws.subprotocols=a,b", "--log.level=error",
                          "--cluster.name=x \"y\" \\z",
                          "--scheduler.max-threads=2"}),
                  "fine");
  auto first = output;
  auto option = with_file(first);
  CAF_CHECK_EQUAL(report({"--print-config", option}), "fine");
  auto without_sources = [](const std::string& text) {
    std::istringstream in{text};
    std::string result;
    for (std::string line; std::getline(in, line);)
      result += line.substr(0, line.rfind(" ; ")) + '\n';
    return result;
  };
  CAF_CHECK_EQUAL(without_sources(output), without_sources(first));
  CAF_CHECK_EQUAL(read({option}), "fine");
  CAF_CHECK_EQUAL(cfg.http.port, 9);
  CAF_CHECK_EQUAL(cfg.cluster.name, "x \"y\" \\z");
  CAF_CHECK_EQUAL(cfg.ws.subprotocols, (list{"a", "b"}));
  set_log_config({});
}

CAF_TEST(a warning names each unsafe setting) {
  CAF_CHECK_EQUAL(
    report({"--check-config", "--host=0.0.0.0", "--ws.allow-any-origin",
            "--cluster.listen=192.0.2.1:7000", "--cluster.allow-plaintext"}),
    "fine");
  CAF_CHECK_EQUAL(
    warnings,
    "warning: host is 0.0.0.0: other machines can connect, without encryption\n"
    "warning: ws.allow-any-origin: the pages of all sites can connect in the "
    "name of their visitors\n"
    "warning: cluster.allow-plaintext: whoever reaches the port for nodes has "
    "full control of the cluster\n");
  CAF_CHECK_EQUAL(report({"--check-config", "--host=localhost"}), "fine");
  CAF_CHECK_EQUAL(warnings, "");
}

CAF_TEST(files for TLS are read as a start would read them) {
  authority ours;
  auto files = ours.member("mars");
  auto options = [&](const std::string& key) {
    return list{"--check-config", "--cluster.listen=127.0.0.1:0",
                "--cluster.tls-ca=" + files.tls_ca,
                "--cluster.tls-certificate=" + files.tls_certificate,
                "--cluster.tls-key=" + key};
  };
  namespace fs = std::filesystem;
  fs::permissions(files.tls_key, fs::perms::owner_read);
  CAF_CHECK_EQUAL(report(options(files.tls_key)), "fine");
  CAF_CHECK_EQUAL(warnings, "");
  fs::permissions(files.tls_key, fs::perms::others_read, fs::perm_options::add);
  CAF_CHECK_EQUAL(report(options(files.tls_key)), "fine");
  CAF_CHECK_EQUAL(warnings, "warning: " + files.tls_key
                              + ": all users of this machine can read or write "
                                "this private key\n");
  auto other = ours.member("venus").tls_key;
  CAF_CHECK(report(options(other)).starts_with(invalid + other + ": "));
  CAF_CHECK_EQUAL(output, "");
}

CAF_TEST(help names both) {
  CAF_CHECK_EQUAL(report({"--help"}), "fine");
  for (auto option : {"  --check-config ", "  --print-config "})
    CAF_CHECK(output.find(option) != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
