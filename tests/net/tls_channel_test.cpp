#define CAF_SUITE net.tls_channel

#include "net/io/tls_channel.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/authority.hpp"
#include "net/support/tls_in_memory.hpp"

#include <openssl/err.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace troupe;
using namespace troupe::test;

using tls_outcome = net::tls_channel::outcome;

namespace {

struct fixture {
  /// Completes the handshake of both sides.
  void connect(memory_client& client, net::tls_channel& server) {
    for (auto i = 0; i < 2; ++i) {
      auto answer = server.decrypt(client.shake_hands(), ++round);
      CAF_REQUIRE(answer.how == tls_outcome::more);
      client.feed(answer.reply);
    }
  }

  test::authority authority{"localhost"};
  net::ssl_context context = server_context(authority, "localhost");
  uint64_t round = 0;
};

std::string_view text(const net::tls_channel::input& x) {
  return {x.bytes.data(), x.bytes.size()};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_channel_tests, fixture)

CAF_TEST(bytes pass in both directions) {
  memory_client client;
  net::tls_channel server{context};
  connect(client, server);
  auto got = server.decrypt(client.encrypt("hello"), ++round);
  CAF_CHECK_EQUAL(text(got), "hello");
  CAF_CHECK_EQUAL(client.decrypt(server.encrypt("and back")), "and back");
}

CAF_TEST(a handshake may arrive byte by byte) {
  memory_client client;
  net::tls_channel server{context};
  for (auto i = 0; i < 2; ++i)
    for (auto byte : client.shake_hands()) {
      auto got = server.decrypt({&byte, 1}, ++round);
      CAF_REQUIRE(got.how == tls_outcome::more);
      client.feed(got.reply);
    }
  for (auto byte : client.encrypt("x")) {
    auto got = server.decrypt({&byte, 1}, ++round);
    if (!got.bytes.empty())
      CAF_CHECK_EQUAL(text(got), "x");
  }
  CAF_CHECK(!server.encrypt("y").empty());
}

CAF_TEST(data may arrive together with the end of the handshake) {
  memory_client client;
  net::tls_channel server{context};
  auto answer = server.decrypt(client.shake_hands(), ++round);
  client.feed(answer.reply);
  auto rest = client.shake_hands();
  rest += client.encrypt("early");
  CAF_CHECK_EQUAL(text(server.decrypt(rest, ++round)), "early");
}

CAF_TEST(channels of one thread do not disturb each other) {
  memory_client clients[2];
  net::tls_channel servers[2]{net::tls_channel{context},
                              net::tls_channel{context}};
  connect(clients[0], servers[0]);
  connect(clients[1], servers[1]);
  auto first = clients[0].encrypt("first");
  auto half = std::string_view{first}.substr(0, 10);
  CAF_CHECK(text(servers[0].decrypt(half, ++round)).empty());
  auto second = clients[1].encrypt("second");
  CAF_CHECK_EQUAL(text(servers[1].decrypt(second, ++round)), "second");
  auto rest = std::string_view{first}.substr(10);
  CAF_CHECK_EQUAL(text(servers[0].decrypt(rest, ++round)), "first");
}

CAF_TEST(an error of another connection has no effect) {
  memory_client client;
  net::tls_channel server{context};
  connect(client, server);
  ERR_raise(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
  CAF_CHECK(server.decrypt(client.encrypt("x").substr(0, 3), ++round).how
            == tls_outcome::more);
  ERR_raise(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
  CAF_CHECK_EQUAL(client.decrypt(server.encrypt("fine")), "fine");
}

CAF_TEST(a failure is reported with its reason and an alert) {
  memory_client client;
  net::tls_channel server{context};
  connect(client, server);
  auto broken = client.encrypt("hello");
  broken.back() ^= 1;
  auto got = server.decrypt(broken, ++round);
  CAF_CHECK(got.how == tls_outcome::failed);
  CAF_CHECK(!got.reply.empty());
  CAF_CHECK(got.why.message().find("bad record mac") != std::string::npos);
  CAF_CHECK(server.encrypt("x").empty());
  CAF_CHECK_EQUAL(ERR_peek_error(), 0ul);
}

CAF_TEST(a client that does not speak TLS gets through unchanged) {
  net::tls_channel server{context};
  auto got = server.decrypt("GET / HTTP/1.1\r\n", ++round);
  CAF_CHECK(got.how == tls_outcome::not_tls);
  CAF_CHECK_EQUAL(text(got), "GET / HTTP/1.1\r\n");
}

CAF_TEST(only two handshakes advance in a round) {
  std::vector<memory_client> clients(3);
  std::vector<std::unique_ptr<net::tls_channel>> servers;
  auto hello = [&](size_t i) {
    servers.push_back(std::make_unique<net::tls_channel>(context));
    return servers.back()->decrypt(clients[i].shake_hands(), round).how;
  };
  ++round;
  CAF_CHECK(hello(0) == tls_outcome::more);
  CAF_CHECK(hello(1) == tls_outcome::more);
  CAF_CHECK(hello(2) == tls_outcome::deferred);
  CAF_CHECK(servers[2]->is_deferred());
  CAF_CHECK(servers[2]->decrypt({}, round).how == tls_outcome::deferred);
  auto got = servers[2]->decrypt({}, ++round);
  CAF_CHECK(got.how == tls_outcome::more);
  CAF_CHECK(!got.reply.empty());
  CAF_CHECK(!servers[2]->is_deferred());
}

CAF_TEST(the end of one side is an alert and leaves the other side open) {
  memory_client client;
  net::tls_channel server{context};
  connect(client, server);
  client.feed(server.end());
  CAF_CHECK(server.end().empty());
  CAF_CHECK(server.encrypt("x").empty());
  CAF_CHECK_EQUAL(text(server.decrypt(client.encrypt("last"), ++round)),
                  "last");
}

CAF_TEST(a channel in its handshake sends nothing) {
  net::tls_channel server{context};
  CAF_CHECK(server.encrypt("x").empty());
  CAF_CHECK(server.end().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
