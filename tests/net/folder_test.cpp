#define CAF_SUITE net.folder

#include "net/http/folder.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/scratch_folder.hpp"
#include "troupe/error.hpp"

#include <cerrno>
#include <filesystem>
#include <string>

#include <sys/stat.h>

using namespace troupe;
using namespace troupe::net;
using namespace troupe::test;

namespace {

struct fixture {
  fixture() {
    files.write("www/a.txt", "five!");
    files.write("www/sub/b.txt", "");
    files.write("secret", "s");
  }

  /// Returns what opening `path` finds: its size, `folder` or `nothing`.
  std::string open(const std::string& path) const {
    error_code ec;
    auto x = folder::at(files.path("www"))->open(path, ec);
    if (ec)
      return "nothing";
    return x.is_folder ? "folder" : std::to_string(x.size);
  }

  scratch_folder files;
};

std::string decode(std::string_view encoded) {
  return decode_path(encoded).value_or("refused");
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(folder_tests, fixture)

CAF_TEST(files and folders are found) {
  CAF_CHECK_EQUAL(open("a.txt"), "5");
  CAF_CHECK_EQUAL(open("sub/b.txt"), "0");
  CAF_CHECK_EQUAL(open("sub"), "folder");
  CAF_CHECK_EQUAL(open("sub/"), "folder");
  for (auto x : {"", "b.txt", "A.txt", "a.txt/", "a.txt/b", "sub/a.txt"})
    CAF_CHECK_EQUAL(open(x), "nothing");
  CAF_CHECK_EQUAL(open(std::string(5000, 'x')), "nothing");
}

CAF_TEST(nothing outside of the folder is found) {
  files.link("www/out", "../secret");
  files.link("www/up", "..");
  files.link("www/absolute", files.path("secret"));
  files.link("www/root", "/");
  for (std::string x : {"../secret", "sub/../../secret", "/etc/passwd", "..",
                        "out", "up/secret", "up", "absolute", "root"})
    CAF_CHECK_EQUAL(open(x), "nothing");
  CAF_CHECK_EQUAL(open(files.path("www/a.txt")), "nothing");
}

CAF_TEST(links within the folder are followed) {
  files.link("www/in", "sub/../a.txt");
  files.link("www/folder", "sub");
  files.link("www/endless", "endless");
  CAF_CHECK_EQUAL(open("in"), "5");
  CAF_CHECK_EQUAL(open("folder/b.txt"), "0");
  CAF_CHECK_EQUAL(open("endless"), "nothing");
}

CAF_TEST(only files and folders are found) {
  CAF_REQUIRE_EQUAL(::mkfifo(files.path("www/pipe").c_str(), 0600), 0);
  CAF_CHECK_EQUAL(open("pipe"), "nothing"); // and does not block
}

CAF_TEST(a folder may be replaced) {
  files.write("next/a.txt", "next");
  files.link("current", "www");
  auto x = folder::at(files.path("current"));
  CAF_REQUIRE(x);
  error_code ec;
  CAF_CHECK_EQUAL(x->open("a.txt", ec).size, 5u);
  std::filesystem::remove(files.path("current"));
  files.link("current", "next");
  CAF_CHECK_EQUAL(x->open("a.txt", ec).size, 4u);
  std::filesystem::remove_all(files.path("next"));
  x->open("a.txt", ec);
  CAF_CHECK_EQUAL(ec.value(), ENOENT);
}

CAF_TEST(a folder has to exist) {
  auto failure = [](const std::string& path) {
    auto found = folder::at(path);
    return found ? caf::error{} : found.error();
  };
  auto invalid = make_error(errc::invalid_config);
  CAF_CHECK_EQUAL(failure(files.path("missing")), invalid);
  CAF_CHECK_EQUAL(failure(files.path("secret")), invalid);
  CAF_CHECK_EQUAL(failure(""), invalid);
}

CAF_TEST(paths are decoded once and stay inside) {
  using namespace std::string_view_literals;
  CAF_CHECK_EQUAL(decode(""), "");
  CAF_CHECK_EQUAL(decode("a/b.txt"), "a/b.txt");
  CAF_CHECK_EQUAL(decode("a/"), "a/");
  CAF_CHECK_EQUAL(decode("%41%20b%c3%a4"), "A b\xc3\xa4");
  CAF_CHECK_EQUAL(decode("%252e%252e"), "%2e%2e");
  CAF_CHECK_EQUAL(decode("a..b/c."), "a..b/c.");
  for (auto x : {"/",
                 "//",
                 "/a",
                 "a//b",
                 "a//",
                 ".",
                 "..",
                 "../a",
                 "a/..",
                 "a/../b",
                 "./a",
                 ".git",
                 "a/.git/config",
                 "%2e%2e/a",
                 "%2E./a",
                 "a%2fb",
                 "a%2F..%2Fb",
                 "a%00",
                 "a%00.txt",
                 "a%0d",
                 "a%7f",
                 "%2e"})
    CAF_CHECK_EQUAL(decode(x), "refused");
}

CAF_TEST_FIXTURE_SCOPE_END()
