#define CAF_SUITE net.basp_transport

#include "net/basp/basp_transport.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/client.hpp"
#include "net/support/descriptor_hog.hpp"
#include "net/support/node.hpp"
#include "net/support/silent_port.hpp"
#include "net/support/socket_stage.hpp"
#include "support/contains.hpp"
#include "troupe/log.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>

#include <future>
#include <memory>
#include <string_view>
#include <vector>

using namespace troupe;
using namespace troupe::test;

// -- dialing ------------------------------------------------------------------

CAF_TEST(a node reaches the membership of another) {
  node earth;
  node mars;
  auto address = mars.open();
  auto got = earth.dial(address);
  CAF_REQUIRE_EQUAL(got.why, "");
  CAF_REQUIRE(got.entrance);
  CAF_CHECK(got.entrance.node() == mars.sys.node());
  CAF_CHECK(earth.talks_to(got.entrance));
  CAF_MESSAGE("again, over the connection that there is");
  auto again = earth.dial(address);
  CAF_CHECK(again.entrance == got.entrance);
  CAF_CHECK(earth.talks_to(again.entrance));
}

CAF_TEST(a node that dials itself finds its own membership) {
  node earth;
  auto got = earth.dial(earth.open());
  CAF_REQUIRE_EQUAL(got.why, "");
  CAF_CHECK(got.entrance == earth.entrance);
}

CAF_TEST(a name that leads to this node first leads to the others as well) {
  net::dialer::addresses found;
  node earth{node::settings(),
             [&](const std::string&, net::error_code&) { return found; }};
  std::unique_ptr<node> mars;
  std::string port;
  while (port.empty()) { // until one is free at both addresses
    mars = std::make_unique<node>();
    auto there = mars->cluster_transport->listen("127.0.0.2:0", mars->entrance);
    CAF_REQUIRE(there);
    auto here = earth.cluster_transport->listen(
      "127.0.0.1:" + std::to_string(*there), earth.entrance);
    if (here)
      port = std::to_string(*here);
  }
  auto own = net::asio::ip::make_address("127.0.0.1");
  CAF_MESSAGE("nobody is at the other address");
  found = {own, net::asio::ip::make_address("127.0.0.3")};
  auto got = earth.dial("shared:" + port);
  CAF_CHECK_EQUAL(got.why, "");
  CAF_CHECK(got.entrance == earth.entrance);
  CAF_MESSAGE("somebody is");
  found = {own, net::asio::ip::make_address("127.0.0.2")};
  CAF_CHECK(earth.talks_to(earth.dial("shared:" + port).entrance));
  CAF_MESSAGE("only this node is");
  found = {own};
  CAF_CHECK(earth.dial("shared:" + port).entrance == earth.entrance);
}

CAF_TEST(a node that is dialed again and again stays in reach) {
  node earth;
  node mars;
  auto address = mars.open();
  auto got = earth.dial(address);
  for (auto i = 0; i < 20; ++i) {
    CAF_CHECK(earth.dial(address).entrance == got.entrance);
    CAF_CHECK(earth.talks_to(got.entrance));
  }
}

CAF_TEST(nodes that dial each other both get through) {
  node earth;
  node mars;
  auto to_mars = mars.open();
  auto to_earth = earth.open();
  CAF_CHECK(earth.talks_to(earth.dial(to_mars).entrance));
  CAF_CHECK(mars.talks_to(mars.dial(to_earth).entrance));
}

CAF_TEST(the loss of a node is the death of its membership) {
  node earth;
  auto mars = std::make_unique<node>();
  auto got = earth.dial(mars->open());
  CAF_REQUIRE(got.entrance);
  mars.reset();
  CAF_CHECK(earth.loses(got.entrance));
}

CAF_TEST(what cannot be reached says why) {
  node earth;
  auto free_port = std::to_string(silent_port{}.port());
  CAF_CHECK(contains(earth.dial("127.0.0.1:" + free_port).why, "refused"));
  CAF_CHECK(contains(earth.dial("no.such.host.invalid:1").why,
                     "cannot reach the node: "));
  for (auto wrong : {"", "localhost", ":80", "localhost:", "localhost:99999",
                     "localhost:80x"})
    CAF_CHECK(contains(earth.dial(wrong).why, "HOST:PORT"));
}

CAF_TEST(names and IPv6 addresses can be dialed) {
  node earth;
  node mars;
  auto port = mars.open().substr(10);
  CAF_CHECK(earth.dial("localhost:" + port).entrance);
  node venus;
  if (auto got = venus.cluster_transport->listen("[::1]:0", venus.entrance))
    CAF_CHECK(earth.dial("[::1]:" + std::to_string(*got)).entrance);
  else
    CAF_MESSAGE("no IPv6 on this machine: " << what(got.error()));
}

CAF_TEST(a port that never answers is given up) {
  node earth;
  silent_port port;
  auto begin = std::chrono::steady_clock::now();
  CAF_CHECK(contains(earth.dial(port.address()).why, "no handshake in time"));
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 8s);
}

CAF_TEST(a handshake that a heartbeat ended is made once more) {
  auto settings = node::settings();
  settings.heartbeat = 200ms;
  node earth{settings};
  silent_port port;
  CAF_CHECK(contains(earth.dial(port.address()).why, "no handshake in time"));
  CAF_CHECK_EQUAL(port.overhear(1), "\1");
  CAF_CHECK_EQUAL(port.overhear(1), "\1");
}

CAF_TEST(one who does not answer delays no other) {
  node earth;
  node mars;
  auto address = mars.open();
  silent_port full{0}; // The kernel accepts no second connection.
  client first{full.port()};
  std::vector<std::string> all(20, address);
  all.insert(all.begin(), full.address());
  auto got = earth.dial_all(all);
  for (size_t i = 0; i < 20; ++i)
    CAF_CHECK(got[i].second.entrance);
  CAF_CHECK_EQUAL(got.back().first, full.address());
  CAF_CHECK(contains(got.back().second.why, "no answer in time"));
}

CAF_TEST(a node of another cluster is not reached) {
  node earth;
  auto settings = node::settings();
  settings.name = "others";
  node mars{settings};
  CAF_CHECK(contains(earth.dial(mars.open()).why, "another cluster"));
}

// -- stopping -----------------------------------------------------------------

CAF_TEST(a cluster_transport that stops lets nobody in and ends its dials) {
  node earth;
  node mars;
  auto address = mars.open();
  auto got = earth.dial(address);
  silent_port full{0};
  client first{full.port()};
  caf::scoped_actor self{mars.sys};
  mars.cluster_transport->dial(full.address(),
                               caf::actor_cast<caf::actor>(self));
  client pending_peer{port_of(address)};
  mars.cluster_transport->stop();
  mars.cluster_transport->stop();
  self->receive([](const actors::not_reached& x) {
    CAF_CHECK(contains(what(x.reason), "stops"));
  });
  CAF_CHECK_EQUAL(pending_peer.read_all(), "");
  CAF_CHECK(contains(mars.dial(address).why, "stops"));
  CAF_CHECK(!mars.cluster_transport->listen("127.0.0.1:0", mars.entrance));
  node venus;
  CAF_CHECK(contains(venus.dial(address).why, "refused"));
}

CAF_TEST(a port in use is a clear error) {
  node earth;
  silent_port taken;
  auto got = earth.cluster_transport->listen(taken.address(), earth.entrance);
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error() == make_error(errc::cannot_listen));
  CAF_CHECK(contains(what(got.error()), "in use"));
}

// -- without descriptors or actor system --------------------------------------

CAF_TEST(nodes come in after descriptors ran out) {
  if (!has_descriptors_to_lose)
    return;
  news_queue warnings;
  set_log_sink([&](log_level level, std::string_view line) {
    if (level == log_level::warning)
      warnings.push({news::message, std::string{line}});
  });
  node mars;
  node earth;
  auto address = mars.open();
  {
    descriptor_hog hog;
    hog.leave_one();
    client unlucky{port_of(address)};
    CAF_CHECK_EQUAL(warnings.pop().payload,
                    "cannot accept other nodes: Too many open files");
  }
  CAF_CHECK(earth.talks_to(earth.dial(address).entrance));
  set_log_sink(nullptr);
}

CAF_TEST(a heartbeat that is due after the end keeps nobody) {
  node x;
  auto broker
    = x.sys.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  auto* self = static_cast<caf::io::broker*>(
    caf::actor_cast<caf::abstract_actor*>(broker));
  auto heartbeat = [&] {
    broker->enqueue(caf::actor_cast<caf::strong_actor_ptr>(broker),
                    caf::make_message_id(), caf::make_message("late"), nullptr);
  };
  // Ends it as CAF does, with the actor system.
  std::promise<void> ended;
  x.sys.middleman().backend().dispatch([&] {
    heartbeat();
    self->context(&self->backend());
    self->quit();
    self->finalize();
    ended.set_value();
  });
  ended.get_future().wait();
  heartbeat();
  CAF_CHECK(self->mailbox().closed());
  CAF_CHECK(self->mailbox().queue().empty());
}
