#define CAF_SUITE net.access_log

#include "net/runtime/access_log.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/scratch_folder.hpp"
#include "support/log_watch.hpp"
#include "troupe/error.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

using lines = std::vector<std::string>;

/// Keeps files from growing beyond `size`, like a full disk.
class full_disk {
public:
  explicit full_disk(rlim_t size) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit{size, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }

  ~full_disk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

private:
  void (*handler_)(int);
  rlimit old_{};
};

struct fixture : test::log_watch {
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
  watch_log();
  log.follow();
  log.follow();
  CAF_CHECK_EQUAL(count_logged("No such file"), 1u);
  write("/a");
  CAF_CHECK_EQUAL(paths(moved / "access.log"), (lines{"/a"}));
  std::filesystem::rename(moved, folder);
}

CAF_TEST(a file that cannot be opened is an error) {
  auto err = log.open((folder / "none" / "access.log").string());
  CAF_CHECK(err == errc::invalid_config);
  CAF_CHECK(what(err).find("No such file") != std::string::npos);
}

CAF_TEST(a full disk costs lines but does not join them) {
  watch_log();
  CAF_REQUIRE(!log.open(file));
  constexpr size_t count = 20;
  auto before = log.lost();
  {
    full_disk limit{1000};
    for (size_t i = 0; i < count; ++i) {
      write("/a");
      CAF_CHECK(log.flush(5s));
    }
  }
  auto lost = log.lost() - before;
  write("/b");
  CAF_CHECK(log.flush(5s));
  std::vector<std::string> whole;
  size_t torn = 0;
  std::ifstream in{file};
  for (std::string x; std::getline(in, x);)
    if (nlohmann::json::accept(x))
      whole.push_back(x);
    else
      ++torn;
  CAF_CHECK_LESS_OR_EQUAL(torn, 1u);
  CAF_CHECK_EQUAL(whole.size(), count - lost + 1);
  CAF_CHECK(whole.back().find("\"/b\"") != std::string::npos);
  CAF_CHECK_EQUAL(log.lost(), before + lost);
  CAF_CHECK_EQUAL(count_logged("the access log: "), 1u);
  CAF_CHECK(was_logged("is written again; " + std::to_string(lost) + " lines"));
}

CAF_TEST(a pipe that nobody reads can be replaced) {
  CAF_REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  net::descriptor reader{::open(file.c_str(), O_RDONLY | O_NONBLOCK)};
  CAF_REQUIRE(!log.open(file));
  constexpr size_t count = 4000;
  auto before = log.lost();
  for (size_t i = 0; i < count; ++i)
    write("/x");
  CAF_CHECK(!log.flush(1ms));
  std::filesystem::rename(file, folder / "pipe");
  log.follow();
  write("/last");
  auto found = paths(file);
  CAF_REQUIRE(!found.empty());
  CAF_CHECK_EQUAL(found.back(), "/last");
  size_t in_pipe = 0;
  std::vector<char> bytes(65536);
  for (ssize_t n = 0;
       (n = ::read(reader.get(), bytes.data(), bytes.size())) > 0;)
    in_pipe += static_cast<size_t>(
      std::count(bytes.begin(), bytes.begin() + n, '\n'));
  CAF_CHECK_EQUAL(in_pipe + found.size() + (log.lost() - before), count + 1);
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
