#define CAF_SUITE net.regular_file

#include "base/regular_file.hpp" // the header under test

#include "caf/test/dsl.hpp"

#include "net/support/scratch_folder.hpp"

#include <string>

#include <sys/stat.h>

using namespace troupe::test;

namespace {

struct fixture {
  /// Returns the content of a file; empty if it is refused.
  std::string read(const std::string& name) {
    why.clear();
    return troupe::base::read_regular_file(folder.path(name), why).value_or("");
  }

  scratch_folder folder;
  std::string why;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(regular_file_tests, fixture)

CAF_TEST(a regular file is read to its end) {
  for (size_t size : {0, 1, 4095, 4096, 4097, 100'000}) {
    std::string bytes(size, '\xff');
    folder.write("file", bytes);
    CAF_CHECK(read("file") == bytes);
    CAF_CHECK_EQUAL(why, "");
  }
}

CAF_TEST(a link to a file is the file) {
  folder.write("file", "text");
  folder.link("link", "file");
  CAF_CHECK_EQUAL(read("link"), "text");
}

CAF_TEST(a pipe without a writer is refused at once) {
  CAF_REQUIRE_EQUAL(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  CAF_CHECK_EQUAL(read("pipe"), "");
  CAF_CHECK_EQUAL(why, folder.path("pipe") + ": not a regular file");
}

CAF_TEST(what is no file is refused) {
  CAF_CHECK_EQUAL(read(""), "");
  CAF_CHECK_EQUAL(why, folder.path("") + ": not a regular file");
  CAF_CHECK_EQUAL(read("missing"), "");
  CAF_CHECK_EQUAL(why, folder.path("missing") + ": No such file or directory");
}

CAF_TEST_FIXTURE_SCOPE_END()
