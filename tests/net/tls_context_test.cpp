#define CAF_SUITE net.tls_context

#include "net/basp/tls_context.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/authority.hpp"
#include "net/support/socket_stage.hpp"
#include "troupe/log.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::test;

namespace fs = std::filesystem;

namespace {

struct fixture {
  fixture() {
    set_log_sink([this](log_level, std::string_view line) {
      lines.push({news::message, std::string{line}});
    });
  }

  ~fixture() {
    set_log_sink(nullptr);
  }

  news_queue lines;
  authority ours;
  cluster_config files = ours.member("mars");
  net::tls_context tls{files};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_context_tests, fixture)

CAF_TEST(files that do not change are read once) {
  auto first = tls.current();
  CAF_REQUIRE(first);
  CAF_CHECK(tls.current() == first);
  CAF_CHECK_EQUAL(tls.problem(), "");
}

CAF_TEST(each file that is replaced makes a context of its own) {
  auto before = tls.current();
  for (const auto& x : {files.tls_ca, files.tls_certificate, files.tls_key}) {
    fs::copy_file(x, x + ".new");
    fs::rename(x + ".new", x);
    auto after = tls.current();
    CAF_CHECK(after && after != before);
    CAF_CHECK(tls.current() == after);
    CAF_CHECK_EQUAL(lines.pop().payload,
                    "the TLS files have changed; new connections use them");
    before = after;
  }
}

CAF_TEST(a file that is written in place is read again) {
  auto before = tls.current();
  std::ofstream{files.tls_ca, std::ios::app} << "\n";
  CAF_CHECK(tls.current() != before);
}

CAF_TEST(a key that does not belong to the certificate is waited for) {
  auto before = tls.current();
  auto fresh = ours.member("venus");
  fs::rename(fresh.tls_certificate, files.tls_certificate);
  CAF_CHECK(tls.current() == before);
  CAF_CHECK(tls.current() == before);
  CAF_CHECK_EQUAL(tls.problem(), files.tls_key + ": key values mismatch");
  CAF_CHECK_EQUAL(lines.pop().payload,
                  "cannot use the new TLS files: " + tls.problem()
                    + "; new connections use the old ones");
  fs::rename(fresh.tls_key, files.tls_key);
  CAF_CHECK(tls.current() != before);
  CAF_CHECK_EQUAL(tls.problem(), "");
}

CAF_TEST(a pipe in place of a file does not block the thread that reads it) {
  auto before = tls.current();
  for (const auto& x : {files.tls_ca, files.tls_key, files.tls_certificate}) {
    fs::remove(x);
    CAF_REQUIRE_EQUAL(::mkfifo(x.c_str(), 0600), 0);
    CAF_CHECK(tls.current() == before);
    CAF_CHECK_EQUAL(tls.problem(), x + ": not a regular file");
  }
}

CAF_TEST(there is no context before all files can be read) {
  auto late = files;
  late.tls_key += ".late";
  net::tls_context other{late};
  CAF_CHECK(!other.current());
  CAF_CHECK_EQUAL(other.problem(),
                  late.tls_key + ": No such file or directory");
  fs::rename(files.tls_key, late.tls_key);
  CAF_CHECK(other.current());
}

CAF_TEST_FIXTURE_SCOPE_END()
