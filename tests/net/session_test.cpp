#define CAF_SUITE net.session

#include "net/io/session.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/authority.hpp"
#include "net/support/tls_in_memory.hpp"
#include "support/running.hpp"

#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace troupe;
using namespace troupe::test;

namespace {

/// A session whose events come from the test.
class listener : public net::session {
public:
  using session::is_readable;
  using session::receive;

  listener(net::transport connection, net::worker& event_loop)
    : session{std::move(connection), event_loop} {
  }

  void on_ready(uint32_t events) override {
    note(events);
  }

  void on_tick(time_point) override {
  }
};

/// Both ends of a connection that uses TLS.
struct fixture {
  fixture() {
    std::array<int, 2> ends{};
    CAF_REQUIRE_EQUAL(
      ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    far = net::descriptor{ends[0]};
    near = std::make_unique<listener>(
      net::transport{net::descriptor{ends[1]},
                     std::make_unique<net::tls_channel>(context)},
      loop);
  }

  /// Sends `bytes` to the session.
  void arrive(std::string_view bytes) {
    CAF_REQUIRE_EQUAL(::send(far.get(), bytes.data(), bytes.size(),
                             MSG_NOSIGNAL),
                      static_cast<ssize_t>(bytes.size()));
    near->on_ready(EPOLLIN);
  }

  std::string answer() {
    std::array<char, 8192> result;
    auto size = ::recv(far.get(), result.data(), result.size(), 0);
    CAF_REQUIRE(size > 0);
    return {result.data(), static_cast<size_t>(size)};
  }

  std::string read() {
    auto input = near->receive();
    return {input.bytes.begin(), input.bytes.end()};
  }

  void begin_round() {
    auto before = loop.sockets().round();
    while (loop.sockets().round() == before)
      loop.sockets().poll_one();
  }

  /// Takes the steps of handshakes that a round has.
  void exhaust_round() {
    constexpr std::string_view record{"\x16\x03\x01\x00\x01\x00", 6};
    for (auto how = outcome::failed; how != outcome::deferred;) {
      net::tls_channel other{context};
      how = other.decrypt(record, loop.sockets().round()).how;
    }
  }

  using outcome = net::tls_channel::outcome;

  running r{1};
  net::worker& loop = r.at(0);
  test::authority authority{"localhost"};
  net::ssl_context context = server_context(authority, "localhost");
  memory_client client;
  net::descriptor far;
  std::unique_ptr<listener> near;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(session_tests, fixture)

CAF_TEST(what follows a handshake that had to wait is read) {
  auto got = run_on(loop, [&] {
    begin_round();
    arrive(client.shake_hands());
    CAF_CHECK_EQUAL(read(), "");
    client.feed(answer());
    exhaust_round();
    arrive(client.shake_hands()); // Waits for the next round.
    CAF_CHECK_EQUAL(read(), "");
    arrive(client.encrypt("hello")); // The last event of the socket.
    begin_round();
    std::string result;
    while (near->is_readable())
      result += read();
    return result;
  });
  CAF_CHECK_EQUAL(got, "hello");
}

CAF_TEST_FIXTURE_SCOPE_END()
