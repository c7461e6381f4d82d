#define CAF_SUITE net.http_port

#include "net/http/http_port.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "support/running.hpp"
#include "troupe/decision.hpp"
#include "troupe/http.hpp"

#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr std::string_view half = "GET /page HTTP/1.1\r\nHo";
constexpr std::string_view other_half = "st: x\r\n\r\n";

struct fixture : socket_stage {
  fixture() {
    routes.add("/page", content{"a page", "text/plain"});
    routes.add("/later",
               make_http_handler([this](const request&, http_responder x) {
                 responders.push(std::move(x));
               }));
  }

  /// Waits until the port has, or does not have, requests.
  void await_requests(bool expected) {
    while (door->has_requests() != expected) // Ends by the time-out.
      std::this_thread::yield();
  }

  /// Checks that a client is sent elsewhere.
  static void check_refused(std::string_view reply) {
    CAF_CHECK_EQUAL(status(reply), "503");
    CAF_CHECK_EQUAL(field(reply, "Connection"), "close");
    auto wait = field(reply, "Retry-After");
    CAF_REQUIRE(!wait.empty());
    CAF_CHECK(1 <= std::stoi(wait) && std::stoi(wait) <= 10);
  }

  bool refuses_connections() const {
    try {
      client{port}.reset();
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }

  queue<decision> decisions;
  queue<http_responder> responders;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_port_tests, fixture)

// -- draining -----------------------------------------------------------------

CAF_TEST(a drain closes the port but no connections) {
  ws->echoes = true;
  open();
  auto peer = connect();
  client http{port};
  http.get("/page");
  door->drain();
  CAF_CHECK(refuses_connections());
  CAF_CHECK(http.is_quiet());
  peer.send_text("still there");
  CAF_CHECK_EQUAL(peer.read_frame().payload, "still there");
  door->drain();
}

CAF_TEST(requests after the beginning of a drain are refused) {
  open();
  client page{port};
  client begun{port};
  client socket{port};
  begun.send(half);
  socket.get("/page");
  door->drain();
  check_refused(page.get("/page"));
  begun.send(other_half);
  check_refused(begun.read_all());
  check_refused(socket.upgrade("/ws"));
  CAF_CHECK(ws->log.empty());
}

CAF_TEST(clients that wait in the kernel get a response) {
  open();
  std::vector<client> peers;
  std::thread drain;
  {
    std::vector<std::unique_ptr<held_thread>> holding;
    for (const auto& x : net::scheduler::of(sys)->workers())
      holding.push_back(std::make_unique<held_thread>(*x));
    for (auto i = 0; i < 50; ++i)
      peers.emplace_back(port);
    drain = std::thread{[this] { door->drain(); }};
    while (door->is_ready())
      std::this_thread::yield();
  }
  drain.join();
  for (auto& x : peers)
    check_refused(x.get("/page"));
}

CAF_TEST(clients that connect without pause do not hold up a drain) {
  port_cfg.limits.connections = 1;
  open();
  client first{port};
  first.get("/page");
  constexpr size_t backlog = 4096;
  std::vector<std::thread> flood;
  for (auto i = 0; i < 4; ++i)
    flood.emplace_back([this] {
      for (size_t n = 0; n < 5 * backlog && !refuses_connections(); ++n)
        ;
    });
  auto refused = [this] { return door->clients().stats().connections_refused; };
  while (refused() < 100)
    std::this_thread::yield();
  auto before = refused();
  door->drain();
  const auto& workers = net::scheduler::of(sys)->workers();
  for (const auto& x : workers)
    run_on(*x, [] {}); // The worker is free again.
  CAF_CHECK_LESS_OR_EQUAL(refused() - before, (workers.size() + 1) * backlog);
  door->close(); // Ends the flood.
  for (auto& x : flood)
    x.join();
}

CAF_TEST(clients of an inherited socket wait for the next process) {
  net::descriptor ours{::socket(AF_INET, SOCK_STREAM, 0)};
  CAF_REQUIRE(::listen(ours.get(), 10) == 0);
  auto inherit = [&] {
    std::vector<net::descriptor> result;
    result.emplace_back(::dup(ours.get()));
    return result;
  };
  auto first = make_door();
  port = first->open(inherit()).value();
  first->drain();
  client peer{port};
  peer.send("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
  CAF_CHECK(peer.is_quiet());
  door = make_door();
  CAF_REQUIRE(door->open(inherit()));
  CAF_CHECK_EQUAL(status(peer.read_until("\r\n\r\n")), "200");
  first->close();
}

CAF_TEST(a handshake that is accepted too late is refused) {
  ws->cfg.authorize = [this](const request&, decision x) {
    decisions.push(std::move(x));
  };
  open();
  auto begin = [this] {
    client result{port};
    result.send(handshake("/ws") + "\r\n");
    return result;
  };
  auto accepted = begin();
  auto yes = decisions.pop();
  auto refused = begin();
  auto no = decisions.pop();
  door->drain();
  yes.accept();
  no.refuse(403);
  check_refused(accepted.read_all());
  CAF_CHECK_EQUAL(status(refused.read_all()), "403");
  CAF_CHECK(ws->log.empty());
}

CAF_TEST(a program may still respond to earlier requests) {
  open();
  client peer{port};
  peer.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  auto waiting = responders.pop();
  door->drain();
  waiting.send({.body = "a response"});
  auto reply = peer.read_all();
  CAF_CHECK_EQUAL(status(reply), "200");
  CAF_CHECK_EQUAL(field(reply, "Connection"), "close");
  CAF_CHECK(reply.ends_with("a response"));
}

CAF_TEST(a port knows whether clients wait for responses) {
  open();
  client silent{port};
  client peer{port};
  peer.get("/page");
  await_requests(false);
  peer.send(half);
  await_requests(true);
  peer.send(other_half);
  peer.read_until("a page");
  await_requests(false);
  peer.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  auto waiting = responders.pop();
  CAF_CHECK(door->has_requests());
  waiting.send({});
  await_requests(false);
}

CAF_TEST_FIXTURE_SCOPE_END()
