#define CAF_SUITE net.line_file

#include "net/runtime/line_file.hpp"

#include "caf/test/dsl.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace troupe::net;

namespace {

/// A pipe of one page. Writes of more than that may be cut.
struct fixture {
  fixture() {
    std::array<int, 2> ends{};
    CAF_REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    reader = descriptor{ends[0]};
    out.emplace(descriptor{ends[1]});
    capacity = static_cast<size_t>(::fcntl(ends[1], F_SETPIPE_SZ, 4096));
  }

  /// Returns what the pipe holds.
  std::string read() {
    std::string result;
    std::vector<char> bytes(capacity);
    for (ssize_t n = 0;
         (n = ::read(reader.get(), bytes.data(), bytes.size())) > 0;)
      result.append(bytes.data(), static_cast<size_t>(n));
    return result;
  }

  static bool is_canceled(std::error_code x) {
    return x == std::errc::operation_canceled;
  }

  size_t capacity = 0;
  descriptor reader;
  std::optional<line_file> out;
  descriptor wake{::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)}; ///< Readable.
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(line_file_tests, fixture)

CAF_TEST(lines are written in order) {
  std::string_view lines = "a\nb\n";
  CAF_CHECK(!out->append(lines, wake.get()));
  CAF_CHECK(lines.empty());
  lines = "c\n";
  CAF_CHECK(!out->append(lines, -1));
  CAF_CHECK_EQUAL(read(), "a\nb\nc\n");
}

CAF_TEST(a line that is cut is not joined with the next one) {
  auto line = std::string(capacity / 2 + 1, 'x') + '\n';
  auto text = line + line + "last\n";
  std::string_view lines = text;
  CAF_CHECK(is_canceled(out->append(lines, wake.get())));
  CAF_CHECK_EQUAL(lines.size(), text.size() - line.size());
  auto first = read();
  CAF_CHECK_EQUAL(first.size(), capacity);
  CAF_CHECK_EQUAL(first.substr(0, line.size()), line);
  lines = "last\n";
  CAF_CHECK(!out->append(lines, wake.get()));
  CAF_CHECK_EQUAL(read(), "\nlast\n");
  lines = "very last\n";
  CAF_CHECK(!out->append(lines, wake.get()));
  CAF_CHECK_EQUAL(read(), "very last\n");
}

CAF_TEST(a full pipe is waited for) {
  auto text = std::string(3 * capacity, 'x') + '\n';
  std::thread writer{[&] {
    std::string_view lines = text;
    CAF_CHECK(!out->append(lines, -1));
    CAF_CHECK(lines.empty());
  }};
  std::string found;
  while (found.size() < text.size())
    found += read();
  writer.join();
  CAF_CHECK_EQUAL(found, text);
}

CAF_TEST(an error leaves the lines that are not written) {
  line_file closed{descriptor{}};
  std::string_view lines = "a\n";
  CAF_CHECK(closed.append(lines, wake.get()) == std::errc::bad_file_descriptor);
  CAF_CHECK_EQUAL(lines, "a\n");
}

CAF_TEST_FIXTURE_SCOPE_END()
