#define CAF_SUITE net.access_log

#include "net/runtime/access_log.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/scratch_folder.hpp"
#include "troupe/error.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

using lines = std::vector<std::string>;

struct fixture {
  fixture() {
    std::filesystem::create_directory(folder);
  }

  ~fixture() {
    CAF_CHECK(!log.open("/dev/null"));
  }

  void write(const std::string& path) {
    net::access_record x;
    x.began = std::chrono::steady_clock::now();
    x.path = path;
    log.push(std::move(x));
  }

  /// Returns the paths of the lines in `name`.
  lines paths(const std::filesystem::path& name) {
    CAF_CHECK(log.flush(5s));
    lines result;
    std::ifstream in{name};
    for (std::string x; std::getline(in, x);)
      result.push_back(nlohmann::json::parse(x)["path"].get<std::string>());
    return result;
  }

  test::scratch_folder scratch;
  std::filesystem::path folder = scratch.path("log");
  std::filesystem::path file = folder / "access.log";
  net::access_log& log = net::access_log::of_process();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(access_log_tests, fixture)

CAF_TEST(lines are appended in order) {
  std::ofstream{file} << R"({"path": "/before"})" << std::endl;
  CAF_REQUIRE(!log.open(file));
  CAF_CHECK(log.is_open());
  write("/a");
  write("/b");
  CAF_CHECK_EQUAL(paths(file), (lines{"/before", "/a", "/b"}));
}

CAF_TEST(a file that was moved is opened again) {
  auto old = folder / "access.log.1";
  CAF_REQUIRE(!log.open(file));
  write("/a");
  CAF_CHECK(log.flush(5s));
  std::filesystem::rename(file, old);
  write("/b");
  CAF_CHECK_EQUAL(paths(old), (lines{"/a", "/b"}));
  log.follow();
  write("/c");
  CAF_CHECK_EQUAL(paths(file), (lines{"/c"}));
  log.follow();
  write("/d");
  CAF_CHECK_EQUAL(paths(file), (lines{"/c", "/d"}));
  CAF_CHECK_EQUAL(paths(old), (lines{"/a", "/b"}));
}

CAF_TEST(a file that cannot be opened again keeps the old one) {
  CAF_REQUIRE(!log.open(file));
  auto moved = folder;
  moved += "-moved";
  std::filesystem::rename(folder, moved);
  log.follow();
  write("/a");
  CAF_CHECK_EQUAL(paths(moved / "access.log"), (lines{"/a"}));
  std::filesystem::rename(moved, folder);
}

CAF_TEST(a file that cannot be opened is an error) {
  auto err = log.open((folder / "none" / "access.log").string());
  CAF_CHECK(err == errc::invalid_config);
  CAF_CHECK(what(err).find("No such file") != std::string::npos);
}

CAF_TEST(a reader that is slow costs lines and nobody waits) {
  CAF_REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  net::descriptor reader{::open(file.c_str(), O_RDONLY | O_NONBLOCK)};
  CAF_REQUIRE(!log.open(file));
  constexpr size_t count = 30'000;
  auto before = log.lost();
  for (size_t i = 0; i < count; ++i)
    write("/x");
  CAF_CHECK(!log.flush(1ms));
  auto lost = log.lost() - before;
  // What waits, what is being written, and what the pipe holds.
  CAF_CHECK(lost >= count - 3 * 8192);
  size_t found = 0;
  std::vector<char> bytes(65536);
  while (!log.flush(0ms)) {
    auto n = ::read(reader.get(), bytes.data(), bytes.size());
    for (ssize_t i = 0; i < n; ++i)
      found += bytes[static_cast<size_t>(i)] == '\n' ? 1 : 0;
  }
  for (ssize_t n = 0;
       (n = ::read(reader.get(), bytes.data(), bytes.size())) > 0;)
    for (ssize_t i = 0; i < n; ++i)
      found += bytes[static_cast<size_t>(i)] == '\n' ? 1 : 0;
  CAF_CHECK_EQUAL(found + lost, count);
}

CAF_TEST_FIXTURE_SCOPE_END()
