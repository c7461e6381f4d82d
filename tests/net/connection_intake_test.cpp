#define CAF_SUITE net.connection_intake

#include "net/runtime/connection_intake.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/client.hpp"
#include "support/log_watch.hpp"

#include <thread>

using namespace troupe;
using namespace troupe::net;
using namespace std::chrono_literals;

namespace {

struct fixture : test::log_watch {
  fixture() {
    tcp::endpoint anywhere{asio::ip::address_v4::loopback(), 0};
    CAF_REQUIRE(!listen_at(acceptor, anywhere, 8));
    watch_log();
  }

  uint16_t port() {
    return acceptor.local_endpoint().port();
  }

  auto accept() {
    ec = {};
    return intake.accept(acceptor.native_handle(), ec);
  }

  asio::io_context io;
  tcp_acceptor acceptor{io};
  connection_intake intake{io, "test", "guests"};
  error_code ec;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(connection_intake_tests, fixture)

CAF_TEST(connections are accepted until none waits) {
  test::client guest{port()};
  acceptor.wait(tcp_acceptor::wait_read);
  auto x = accept();
  CAF_REQUIRE(x);
  CAF_CHECK(!ec);
  CAF_CHECK_EQUAL(plain_address(x->peer), "127.0.0.1");
  error_code of_peer;
  CAF_CHECK(x->peer == remote_end(x->socket, of_peer));
  CAF_CHECK(!accept());
  CAF_CHECK(ec == asio::error::would_block);
}

CAF_TEST(the connections that wait are counted) {
  auto waiting = [this] {
    return connection_intake::waiting(acceptor.native_handle());
  };
  CAF_CHECK_EQUAL(waiting(), 0u);
  test::client first{port()};
  test::client second{port()};
  while (waiting() < 2) // The kernel completes them, or the test times out.
    std::this_thread::yield();
  CAF_CHECK(accept());
  CAF_CHECK_EQUAL(waiting(), 1u);
  CAF_CHECK(accept());
  CAF_CHECK_EQUAL(waiting(), 0u);
  CAF_CHECK_EQUAL(connection_intake::waiting(-1), 0u);
}

CAF_TEST(a failure that lasts is logged once) {
  size_t calls = 0;
  auto fail = [&] {
    intake.pause(asio::error::no_descriptors, [&] { ++calls; });
    io.restart();
    io.run();
  };
  fail();
  fail();
  CAF_CHECK_EQUAL(calls, 2u);
  CAF_CHECK_EQUAL(count_logged("cannot accept guests: "), 1u);
  CAF_MESSAGE("until a connection was accepted again");
  test::client guest{port()};
  acceptor.wait(tcp_acceptor::wait_read);
  CAF_CHECK(accept());
  fail();
  CAF_CHECK_EQUAL(count_logged("cannot accept guests: "), 2u);
}

CAF_TEST(a pause that is canceled ends without a call) {
  intake.pause(asio::error::no_descriptors, [] { CAF_FAIL("called"); });
  intake.cancel();
  io.run();
}

CAF_TEST_FIXTURE_SCOPE_END()
