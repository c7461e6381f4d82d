#define CAF_SUITE bench.opening

#include "apps/bench/opening.hpp"

#include "caf/test/dsl.hpp"

#include <csignal>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace troupe::bench;

namespace {

/// What `allow_sockets` says against it; nothing if it allows them.
std::string refusal(std::size_t count, std::optional<pid_t> server = {}) {
  try {
    allow_sockets(count, server);
    return {};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

/// A process that may open few files only.
class poor_process {
public:
  explicit poor_process(rlim_t files) : pid_{fork()} {
    if (pid_ == 0) {
      pause();
      _exit(0);
    }
    rlimit limit{files, files};
    prlimit(pid_, RLIMIT_NOFILE, &limit, nullptr);
  }

  ~poor_process() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t pid() const {
    return pid_;
  }

private:
  pid_t pid_;
};

} // namespace

CAF_TEST(who wants more sockets than it may have is told the limits name) {
  CAF_CHECK_EQUAL(refusal(10), "");
  auto words = refusal(std::size_t{1} << 40);
  CAF_CHECK(words.find("ulimit -Hn") != words.npos);
}

CAF_TEST(a server that may open too few files is found before it is loaded) {
  poor_process server{100};
  CAF_CHECK_EQUAL(refusal(10, server.pid()), "");
  auto words = refusal(100, server.pid());
  CAF_CHECK(words.find("may have 100") != words.npos);
}
