#define CAF_SUITE bench.stream

#include "apps/bench/stream.hpp"

#include "apps/bench/violation.hpp"

#include "caf/test/dsl.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <tuple>
#include <utility>
#include <vector>

using namespace troupe::bench;

namespace {

/// First byte of a record that belongs to a handshake (RFC 8446 section 5.1).
constexpr char handshake_type = 22;

bool fails(stream& x) {
  try {
    std::ignore = x.advance();
    return false;
  } catch (const violation&) {
    return true;
  }
}

struct fixture {
  fixture() {
    std::array<int, 2> ends{};
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data());
    ours = unique_fd{ends[0]};
    servers = unique_fd{ends[1]};
  }

  void serve(std::string_view bytes) const {
    send(servers.get(), bytes.data(), bytes.size(), 0);
  }

  [[nodiscard]] std::string served() const {
    std::array<char, 4096> bytes;
    auto size = recv(servers.get(), bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<std::size_t>(std::max(size, ssize_t{0}))};
  }

  unique_fd ours;
  unique_fd servers;
  std::vector<char> buffer = std::vector<char>(stream::least_buffer);
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(stream_tests, fixture)

CAF_TEST(without TLS bytes are those of the socket) {
  stream it{std::move(ours), security::none};
  CAF_CHECK(it.advance());
  CAF_CHECK(!it.read(buffer));
  CAF_CHECK_EQUAL(it.write("to the server"), 13u);
  CAF_CHECK_EQUAL(served(), "to the server");
  serve("from it");
  CAF_CHECK(it.read(buffer) == 7u);
  CAF_CHECK_EQUAL(std::string(buffer.data(), 7), "from it");
  servers = unique_fd{};
  CAF_CHECK(it.read(buffer) == 0u);
}

CAF_TEST(a full socket accepts a part) {
  stream it{std::move(ours), security::none};
  std::string much(16 * 1024 * 1024, 'x');
  CAF_CHECK_LESS(it.write(much), much.size());
  CAF_CHECK_EQUAL(it.write(much), 0u);
}

CAF_TEST(with TLS the client begins a handshake) {
  stream it{std::move(ours), security::tls};
  auto hello = served();
  CAF_REQUIRE(!hello.empty());
  CAF_CHECK_EQUAL(hello.front(), handshake_type);
  CAF_CHECK(!it.advance());
  CAF_CHECK_EQUAL(make_client_hello().size(), hello.size());
}

CAF_TEST(a server without TLS is found out) {
  stream it{std::move(ours), security::tls};
  serve("HTTP/1.1 400 Bad Request\r\n\r\n");
  CAF_CHECK(fails(it));
}

CAF_TEST(the end of the connection ends a handshake) {
  stream it{std::move(ours), security::tls};
  servers = unique_fd{};
  CAF_CHECK(fails(it));
}

CAF_TEST_FIXTURE_SCOPE_END()
