#define CAF_SUITE net.cluster

#include "troupe/cluster.hpp" // the header under test

#include "support/running.hpp"
#include "troupe/error.hpp"
#include "troupe/id.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;
using test::await;

namespace {

/// The part of a process that concerns the cluster.
struct node {
  explicit node(cluster_config x, std::string name = "troupe") : cfg(1) {
    x.heartbeat = 50ms;
    x.timeout = 10s; // Nodes end by connection loss here.
    x.name = std::move(name);
    cfg.cluster = std::move(x);
    CAF_REQUIRE_EQUAL(cfg.read(caf::actor_system_config::string_list{}),
                      caf::none);
    sys.emplace(cfg);
    it.emplace(*sys, cfg.cluster);
  }

  std::string name() const {
    return node_name(sys->node());
  }

  /// Starts the cluster.
  /// @returns the address.
  std::string start() {
    auto port = it->start();
    CAF_REQUIRE(port);
    return "127.0.0.1:" + std::to_string(*port);
  }

  /// Returns the name of the next node that comes up or goes down.
  std::future<std::string> next(bool up) {
    auto promise = std::make_shared<std::promise<std::string>>();
    auto is_told = std::make_shared<bool>(false);
    auto tell = [=](const std::string& x) {
      if (!std::exchange(*is_told, true))
        promise->set_value(x);
    };
    auto who = sys->spawn([=](caf::event_based_actor* self) -> caf::behavior {
      return {
        [=](const node_up& x) {
          if (up) {
            tell(x.name);
            self->quit();
          }
        },
        [=](const node_down& x) {
          if (!up) {
            tell(x.name + ": " + x.reason);
            self->quit();
          }
        },
        [](const actor_up&) {},
        [](const actor_down&) {},
      };
    });
    caf::anon_send(it->handle(), subscribe_nodes{who});
    return promise->get_future();
  }

  test::running::config cfg;
  std::optional<caf::actor_system> sys;
  std::optional<cluster> it;
};

cluster_config at(std::string listen, std::vector<std::string> join = {}) {
  cluster_config res;
  res.listen = std::move(listen);
  res.join = std::move(join);
  return res;
}

struct fixture {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_tests, fixture)

CAF_TEST(two processes find each other and their actors) {
  node a{at("127.0.0.1:0")};
  auto address = a.start();
  auto up_at_a = a.next(true);
  node b{at("", {address})};
  auto up_at_b = b.next(true);
  b.start();
  CAF_CHECK_EQUAL(await(std::move(up_at_a)), b.name());
  CAF_CHECK_EQUAL(await(std::move(up_at_b)), a.name());
  auto xs = b.it->nodes().get();
  CAF_REQUIRE(xs);
  CAF_REQUIRE_EQUAL(xs->size(), 1u);
  CAF_CHECK_EQUAL(xs->front().name, a.name());
  CAF_CHECK_EQUAL(xs->front().address, address);
  CAF_CHECK(xs->front().state == link_state::up);
  auto echo = a.sys->spawn([](caf::event_based_actor* self) -> caf::behavior {
    return {[=](const std::string& x) {
      self->quit();
      return x + "!";
    }};
  });
  auto named = std::make_shared<std::promise<caf::actor>>();
  auto watcher
    = b.sys->spawn([=](caf::event_based_actor* self) -> caf::behavior {
        return {
          [](const node_up&) {},
          [](const node_down&) {},
          [=](const actor_up& x) {
            named->set_value(x.handle);
            self->quit();
          },
        };
      });
  caf::anon_send(b.it->handle(), subscribe_nodes{watcher});
  CAF_CHECK(a.it->register_actor("echo", echo).get());
  auto handle = await(*named);
  auto found = b.it->find_actor("echo").get();
  CAF_REQUIRE(found);
  CAF_CHECK(*found == handle);
  caf::scoped_actor self{*b.sys};
  self->request(*found, 10s, std::string{"hello"})
    .receive([](const std::string& x) { CAF_CHECK_EQUAL(x, "hello!"); },
             [](const caf::error& err) { CAF_FAIL(what(err)); });
}

CAF_TEST(who stops says goodbye) {
  node a{at("127.0.0.1:0")};
  auto address = a.start();
  auto up_at_a = a.next(true);
  node b{at("", {address})};
  auto up_at_b = b.next(true);
  b.start();
  await(std::move(up_at_a));
  await(std::move(up_at_b));
  auto down = a.next(false);
  b.it->stop();
  CAF_CHECK_EQUAL(await(std::move(down)), b.name() + ": left");
}

CAF_TEST(a node that restarts on its address is found again) {
  std::optional<node> a{at("127.0.0.1:0")};
  auto address = a->start();
  node b{at("", {address})};
  auto up = b.next(true);
  b.start();
  CAF_CHECK_EQUAL(await(std::move(up)), a->name());
  auto down = b.next(false);
  a.reset();
  await(std::move(down));
  auto back = b.next(true);
  a.emplace(at(address));
  a->start();
  CAF_CHECK_EQUAL(await(std::move(back)), a->name());
}

CAF_TEST(a node that cannot listen says so) {
  node a{at("127.0.0.1:0")};
  auto address = a.start();
  node b{at(address)};
  auto port = b.it->start();
  CAF_REQUIRE(!port);
  CAF_CHECK(port.error() == errc::cannot_listen);
}

CAF_TEST(a node whose servers take what it cannot pass on says so) {
  auto settings = at("127.0.0.1:0");
  settings.max_queue_bytes = 1 << 17;
  node a{settings};
  server fits{*a.sys, {.max_message_size = 1 << 16}};
  server does_not{*a.sys, {.max_message_size = 1 << 17}};
  a.it->add("/fits", fits);
  a.it->add("/does not", does_not);
  auto port = a.it->start();
  CAF_REQUIRE(!port);
  CAF_CHECK(port.error() == errc::invalid_config);
}

CAF_TEST(options of nodes and servers are judged together) {
  test::running::config cfg{1};
  using list = caf::actor_system_config::string_list;
  auto err = cfg.read(
    list{"--cluster.listen=127.0.0.1:0", "--cluster.max-queue-bytes=65536"});
  CAF_CHECK(err == errc::invalid_config);
  CAF_CHECK_EQUAL(cfg.read(list{"--cluster.max-queue-bytes=65536",
                                "--ws.max-message-size=64512"}),
                  caf::none);
}

CAF_TEST(without options there is a cluster of one) {
  node a{{}};
  CAF_CHECK_EQUAL(a.it->start(), uint16_t{0});
  CAF_CHECK(!a.sys->has_middleman());
  CAF_CHECK(a.it->nodes().get()->empty());
  CAF_CHECK(a.it->register_actor("me", a.it->handle()).get());
  CAF_CHECK(a.it->find_actor("me").get() == a.it->handle());
  CAF_CHECK(a.it->find_actor("you").get().error() == errc::no_such_name);
}

CAF_TEST(a node needs a runtime that was prepared for it) {
  test::running alone{1};
  cluster it{alone.sys, at("127.0.0.1:0")};
  auto port = it.start();
  CAF_REQUIRE(!port);
  CAF_CHECK(port.error() == errc::foreign_runtime);
}

CAF_TEST_FIXTURE_SCOPE_END()
