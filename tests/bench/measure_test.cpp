#define CAF_SUITE bench.measure

#include "apps/bench/measure.hpp"

#include "caf/test/dsl.hpp"

#include "apps/bench/poller.hpp"

#include <optional>
#include <unistd.h>

using namespace troupe::bench;

CAF_TEST(an open file counts until it is closed) {
  auto before = count_files(getpid());
  std::optional<unique_fd> file{dup(STDERR_FILENO)};
  CAF_CHECK_EQUAL(count_files(getpid()), before + 1);
  file.reset();
  CAF_CHECK_EQUAL(count_files(getpid()), before);
}
