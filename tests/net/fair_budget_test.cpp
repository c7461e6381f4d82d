#define CAF_SUITE net.fair_budget

#include "net/http/fair_budget.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "troupe/http.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace troupe;
using namespace troupe::test;
using net::address_key;
using net::fair_budget;

namespace {

constexpr auto alice = address_key{1};
constexpr auto bob = address_key{2};

struct fixture {
  fair_budget::share share(address_key who) {
    return {all, who};
  }

  fair_budget all{16, 1};
};

/// A port behind a proxy on this machine, with eight requests at a time.
struct port_fixture : socket_stage {
  port_fixture() {
    port_cfg.max_body_size = 1000;
    port_cfg.max_waiting_requests = 8;
    port_cfg.trusted_proxies = {"127.0.0.1"};
    port_cfg.proxy_header = forwarding_header::x_forwarded_for;
    auto handler
      = make_http_handler([this](const request& x, const http_responder& y) {
          responders.push(y);
          bodies.push(x.body()); // Last: a test that has seen all may end.
        });
    CAF_REQUIRE(!routes.add_post("/p", handler));
    open();
  }

  /// Sends a request of a client of the proxy, or of none.
  client post(const std::string& from, std::string_view body,
              size_t missing = 0) {
    client result{port};
    result.send("POST /p HTTP/1.1\r\nHost: x\r\n"
                + (from.empty() ? "" : "X-Forwarded-For: " + from + "\r\n")
                + "Content-Length: " + std::to_string(body.size() + missing)
                + "\r\n\r\n" + std::string{body});
    return result;
  }

  static std::string status_of(client& peer) {
    return status(peer.read_until("\r\n\r\n"));
  }

  queue<std::string> bodies;
  queue<http_responder> responders;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(fair_budget_tests, fixture)

CAF_TEST(an address gets a quarter in all its requests) {
  auto first = share(alice);
  auto second = share(alice);
  CAF_CHECK(first.grow(3));
  CAF_CHECK(!second.grow(2));
  CAF_CHECK(second.grow(1));
  CAF_CHECK(!first.grow(1));
  auto other = share(bob);
  CAF_CHECK(other.grow(4));
}

CAF_TEST(requests without an address share what there is) {
  auto first = share(address_key::none);
  CAF_CHECK(first.grow(15));
  auto second = share(address_key::none);
  CAF_CHECK(!second.grow(2));
  CAF_CHECK(second.grow(1));
  auto other = share(alice);
  CAF_CHECK(!other.grow(1));
  CAF_CHECK(other.grow(0));
}

CAF_TEST(a share returns what it has) {
  std::optional<fair_budget::share> first{share(alice)};
  CAF_CHECK(first->grow(4));
  auto moved = std::move(*first);
  first.reset();
  auto second = share(alice);
  CAF_CHECK(!second.grow(1));
  moved = share(bob);
  CAF_CHECK(second.grow(4));
  CAF_CHECK(moved.grow(4));
}

CAF_TEST(one can be taken at once) {
  auto first = share(alice);
  CAF_CHECK(first.grow(3));
  auto last = all.take_one(alice);
  CAF_CHECK(last);
  CAF_CHECK(!all.take_one(alice));
  last.reset();
  CAF_CHECK(all.take_one(alice));
}

CAF_TEST(an address may make one request of the largest size) {
  fair_budget small{10, 8};
  fair_budget::share first{small, alice};
  CAF_CHECK(first.grow(8));
  CAF_CHECK(!first.grow(1));
  fair_budget::share other{small, bob};
  CAF_CHECK(other.grow(2));
  CAF_CHECK(!other.grow(1));
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(fair_budget_port_tests, port_fixture)

CAF_TEST(one address cannot take all the memory for bodies) {
  std::string largest(1000, 'x');
  auto first = post("192.0.2.1", largest);
  CAF_CHECK_EQUAL(bodies.pop(), largest);
  auto second = post("192.0.2.1", largest);
  CAF_CHECK_EQUAL(bodies.pop(), largest);
  CAF_MESSAGE("the next one is refused before it is complete");
  auto third = post("192.0.2.1", "x", 1);
  CAF_CHECK_EQUAL(status_of(third), "503");
  auto other = post("192.0.2.2", largest);
  CAF_CHECK_EQUAL(bodies.pop(), largest);
}

CAF_TEST(one address cannot take all places for requests that wait) {
  auto first = post("192.0.2.1", "one");
  CAF_CHECK_EQUAL(bodies.pop(), "one");
  auto second = post("192.0.2.1", "two");
  CAF_CHECK_EQUAL(bodies.pop(), "two");
  auto third = post("192.0.2.1", "three");
  CAF_CHECK_EQUAL(status_of(third), "503");
  auto other = post("192.0.2.2", "other");
  CAF_CHECK_EQUAL(bodies.pop(), "other");
  CAF_MESSAGE("this machine may stand for many clients");
  std::vector<client> many;
  for (auto i = 0; i < 5; ++i) {
    many.push_back(post("", "many"));
    CAF_CHECK_EQUAL(bodies.pop(), "many");
  }
  responders.pop().send({});
  CAF_CHECK_EQUAL(status_of(first), "200");
  auto fourth = post("192.0.2.1", "four");
  CAF_CHECK_EQUAL(bodies.pop(), "four");
}

CAF_TEST_FIXTURE_SCOPE_END()
