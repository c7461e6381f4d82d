#define CAF_SUITE net.nodes

#include "troupe/cluster.hpp"

#include "net/http/endpoint.hpp"
#include "support/running.hpp"
#include "support/stage.hpp"
#include "troupe/id.hpp"
#include "troupe/server.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// One server on two nodes, with CAF's network between them and fake sockets.

using namespace troupe;
using namespace std::chrono_literals;

using strings = std::vector<std::string>;

namespace {

struct node {
  explicit node(strings join = {}) : cfg(2) {
    cfg.cluster.listen = "127.0.0.1:0";
    cfg.cluster.join = std::move(join);
    cfg.cluster.heartbeat = 50ms;
    CAF_REQUIRE_EQUAL(cfg.read(caf::actor_system_config::string_list{}),
                      caf::none);
    sys.emplace(cfg);
    config settings;
    settings.id_generator = [](const request& req) {
      return std::string{req.path().substr(1)};
    };
    endpoint.emplace(*sys, settings);
    it.emplace(*sys, cfg.cluster);
    it->add("/", *endpoint);
    auto port = it->start();
    CAF_REQUIRE(port);
    address = "127.0.0.1:" + std::to_string(*port);
  }

  /// Connects a client whose id is `id`.
  test::fake_client connect(const std::string& id,
                            const std::string& subprotocol = {}) {
    test::fake_client res;
    res.socket = std::make_shared<test::fake_socket>();
    res.socket->chosen = subprotocol;
    auto& event_loop = *net::scheduler::of(*sys)->workers().front();
    request req{"GET /" + id + " HTTP/1.1\r\n", "/*", "127.0.0.1", 1};
    res.upper_layer = test::run_on(event_loop, [&] {
      return endpoint->handler()->attach(res.socket, std::move(req),
                                         event_loop);
    });
    res.socket->upper_layer = res.upper_layer;
    CAF_REQUIRE(res.socket->await_credit());
    clients.push_back(res);
    return res;
  }

  test::running::config cfg;
  std::vector<test::fake_client> clients; // They respond when the server ends.
  std::optional<caf::actor_system> sys;
  std::optional<server> endpoint;
  std::optional<cluster> it;
  std::string address;
};

template <class T>
T value_of(caf::expected<T> x) {
  if (!x)
    CAF_FAIL(what(x.error()));
  return std::move(*x);
}

struct fixture {
  fixture() {
    alice = a.connect("alice");
    bob = b.connect("bob");
    until([&] { return total(a) == 2 && total(b) == 2; });
  }

  /// Asks until `f` returns true. Each query waits for the response of the
  /// other node.
  template <class F>
  void until(F f) {
    auto deadline = std::chrono::steady_clock::now() + test::patience;
    while (!f())
      if (std::chrono::steady_clock::now() > deadline)
        CAF_FAIL("it never came true");
  }

  /// Returns the handle of a connection, as the first node knows it.
  caf::actor handle_of(const std::string& id) {
    for (const auto& x :
         value_of(a.endpoint->connections(everywhere).get()).value)
      if (x.id == id)
        return x.handle;
    CAF_FAIL("there is no " << id);
  }

  uint64_t total(node& x) {
    return value_of(x.endpoint->total_connections(everywhere).get()).value;
  }

  node a;
  node b{{a.address}};
  test::fake_client alice;
  test::fake_client bob;
};

strings ids(const std::vector<connection_info>& xs) {
  strings res;
  for (const auto& x : xs)
    res.push_back(x.id);
  std::sort(res.begin(), res.end());
  return res;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(nodes_tests, fixture)

CAF_TEST(C23 a question to everywhere is answered by both nodes) {
  auto& here = *a.endpoint;
  CAF_CHECK(!b.endpoint->join("lobby", "bob").get().error());
  auto all = value_of(here.connections(everywhere).get());
  CAF_CHECK_EQUAL(ids(all.value), (strings{"alice", "bob"}));
  CAF_CHECK(all.silent.empty());
  auto in_lobby = here.connections_by_room("lobby", everywhere).get();
  CAF_CHECK_EQUAL(ids(value_of(std::move(in_lobby)).value), strings{"bob"});
  CAF_CHECK(value_of(here.is_connected("bob", everywhere).get()).value);
  CAF_CHECK(!value_of(here.is_connected("carol", everywhere).get()).value);
  CAF_CHECK(value_of(here.is_joined("lobby", "bob", everywhere).get()).value);
  // Without `everywhere`, a query covers only this node.
  CAF_CHECK_EQUAL(value_of(here.total_connections().get()), 1u);
  CAF_CHECK(!value_of(here.is_connected("bob").get()));
}

CAF_TEST(C29 a connection is moved and ended from another node) {
  auto& here = *a.endpoint;
  CAF_CHECK(!here.join("attic", "bob").get().error());
  CAF_CHECK(value_of(b.endpoint->is_joined("attic", "bob").get()));
  CAF_CHECK(value_of(here.leave("attic", "bob").get()));
  CAF_CHECK(!value_of(here.leave("attic", "bob").get()));
  auto nobody = here.join("attic", "carol").get();
  CAF_CHECK(nobody.error() == errc::no_such_name);
  CAF_CHECK(
    !here.disconnect("bob", close_code::policy_violation, "out").get().error());
  CAF_CHECK(bob.socket->await_close());
  CAF_CHECK(bob.socket->code() == close_code::policy_violation);
  CAF_CHECK_EQUAL(bob.socket->reason(), "out");
}

CAF_TEST(C26 C27 whoever decides the connection and its room and all nodes agree) {
  auto& here = *a.endpoint;
  auto& there = *b.endpoint;
  auto agree_on = [&](bool is_in) {
    auto expected = is_in ? strings{"bob"} : strings{};
    CAF_CHECK_EQUAL(value_of(there.is_joined("attic", "bob").get()), is_in);
    CAF_CHECK_EQUAL(
      value_of(here.is_joined("attic", "bob", everywhere).get()).value, is_in);
    auto in_room = there.connections_by_room("attic").get();
    CAF_CHECK_EQUAL(ids(value_of(std::move(in_room))), expected);
    auto everywhere_in = here.connections_by_room("attic", everywhere).get();
    CAF_CHECK_EQUAL(ids(value_of(std::move(everywhere_in)).value), expected);
  };
  // by id
  CAF_CHECK(!here.join("attic", "bob").get().error());
  agree_on(true);
  CAF_CHECK(value_of(here.leave("attic", "bob").get()));
  agree_on(false);
  CAF_CHECK(here.join("", "bob").get().error() == errc::reserved_name);
  // by handle
  caf::scoped_actor self{*a.sys};
  auto ask_to_join = [&](const std::string& room) {
    caf::error res;
    self
      ->request(here.registry(), test::patience,
                msg::join{room, handle_of("bob")})
      .receive([] {}, [&](caf::error& err) { res = std::move(err); });
    return res;
  };
  CAF_CHECK(!ask_to_join("attic"));
  agree_on(true);
  CAF_CHECK(ask_to_join("") == errc::reserved_name);
  auto ask_to_leave = [&] {
    bool res = false;
    self
      ->request(here.registry(), test::patience,
                msg::leave{"attic", handle_of("bob")})
      .receive([&](bool x) { res = x; },
               [](caf::error& err) { CAF_FAIL(what(err)); });
    return res;
  };
  CAF_CHECK(ask_to_leave());
  CAF_CHECK(!ask_to_leave());
  agree_on(false);
}

CAF_TEST(the end of an actor elsewhere is not that of a member with its number) {
  auto idle = [](caf::event_based_actor*) {
    return caf::behavior{
      [](const msg::joined&) {},        [](const msg::deliver&) {},
      [](const msg::connection_up&) {}, [](const msg::connection_down&) {},
      [](const msg::room_up&) {},       [](const msg::room_down&) {}};
  };
  // Each actor system numbers its actors from 1.
  auto far = b.sys->spawn(idle);
  auto member = a.sys->spawn(idle);
  while (far.id() != member.id()) {
    auto& behind = far.id() < member.id() ? far : member;
    auto& its = far.id() < member.id() ? b.sys : a.sys;
    caf::anon_send_exit(behind, caf::exit_reason::user_shutdown);
    behind = its->spawn(idle);
  }
  const auto& registry = a.endpoint->registry();
  caf::scoped_actor self{*a.sys};
  self->send(registry, msg::join{"lobby", member});
  CAF_REQUIRE(b.it->register_actor("far", far).get());
  caf::actor proxy;
  until([&] {
    auto found = a.it->find_actor("far").get();
    proxy = found ? *found : nullptr;
    return proxy != nullptr;
  });
  CAF_REQUIRE_EQUAL(proxy.id(), member.id());
  // The registry monitors the proxy.
  self->send(registry, msg::subscribe{proxy});
  self->request(registry, test::patience, msg::total_connections{})
    .receive([](uint64_t) {}, [](caf::error& err) { CAF_FAIL(what(err)); });
  self->monitor(proxy);
  caf::anon_send_exit(far, caf::exit_reason::user_shutdown);
  self->receive([](const caf::down_msg&) {});
  caf::actor room;
  self->request(registry, test::patience, msg::lookup{"lobby"})
    .receive([&](caf::actor& x) { room = std::move(x); },
             [](caf::error& err) { CAF_FAIL(what(err)); });
  self->request(room, test::patience, msg::members{})
    .receive(
      [&](const std::vector<caf::actor>& xs) {
        CAF_CHECK(xs == std::vector<caf::actor>{member});
      },
      [](caf::error& err) { CAF_FAIL(what(err)); });
  caf::anon_send_exit(member, caf::exit_reason::user_shutdown);
}

CAF_TEST(an actor of another node serves clients by its name) {
  auto adder = b.sys->spawn([](caf::event_based_actor* self) -> caf::behavior {
    return {[self](const msg::question& q) -> caf::result<msg::answer> {
      if (q.payload == "hold")
        return self->make_response_promise();
      auto xs = q.value<std::vector<int>>();
      if (!xs)
        return refuse_with(refuse("no_list"));
      return answer_with(xs->at(0) + xs->at(1));
    }};
  });
  a.endpoint->serve("add", "adder");
  CAF_REQUIRE(b.it->register_actor("adder", adder).get());
  until([&] { return static_cast<bool>(a.it->find_actor("adder").get()); });
  auto carol = a.connect("carol", "troupe.2");
  std::string heard;
  auto hears = [&](const std::string& message) {
    until([&] {
      for (const auto& bytes : carol.socket->take_wire())
        heard += bytes;
      return heard.find(message) != heard.npos;
    });
  };
  carol.say(R"(h{"v":2})");
  hears(R"("v":2)");
  carol.say("q1;;add;4;[1,2]");
  hears("a1;1;3");
  carol.say("q2;;add;0;x");
  hears("x2;no_list;0;");
  carol.say("q3;;add;0;hold");
  carol.say("q4;;add;4;[3,4]");
  hears("a4;1;7"); // It holds the third one.
  caf::anon_send_exit(adder, caf::exit_reason::kill);
  hears("x3;unavailable;0;");
}

CAF_TEST(C58 who is made to join at another node hears what is said then) {
  auto& scheduler = *net::scheduler::of(*a.sys);
  for (auto i = 0; i < 20; ++i) {
    auto room = "room" + std::to_string(i);
    // The room's own thread may be busy.
    test::held_thread first{*scheduler.workers()[0]};
    test::held_thread second{*scheduler.workers()[1]};
    a.endpoint->join(room, "bob");
    a.endpoint->to_room(room).emit_message(room);
    CAF_CHECK(bob.socket->await(room));
  }
}

CAF_TEST(what is said at one node is heard at the other) {
  CAF_CHECK(!b.endpoint->join("lobby", "bob").get().error());
  until([&] {
    a.endpoint->to_room("lobby").emit_message("hello");
    total(a); // one more round trip
    auto heard = bob.heard();
    return std::find(heard.begin(), heard.end(), "hello") != heard.end();
  });
  a.endpoint->to_connection("bob").emit_message("psst");
  CAF_CHECK(bob.socket->await("psst"));
  a.endpoint->to(all).emit_message("all of you");
  CAF_CHECK(bob.socket->await("all of you"));
  CAF_CHECK(alice.socket->await("all of you"));
}

CAF_TEST(C39 who monitors a connection elsewhere is told its close code) {
  auto how = std::make_shared<std::promise<close_info>>();
  auto watched = std::make_shared<std::promise<void>>();
  auto watcher
    = a.sys->spawn([=](caf::event_based_actor* self) -> caf::behavior {
        self->set_down_handler([=](const caf::down_msg& x) {
          how->set_value(to_close_info(x.reason));
          self->quit();
        });
        return {
          [=](const msg::connection_up& x) {
            if (x.id != "bob")
              return;
            self->monitor(x.handle);
            // A response proves that the request to monitor has arrived.
            self->request(x.handle, caf::infinite, msg::is_joined{"lobby"})
              .then([=](bool) { watched->set_value(); });
          },
          [](const msg::connection_down&) {},
          [](const msg::room_up&) {},
          [](const msg::room_down&) {},
        };
      });
  caf::anon_send(a.endpoint->registry(), msg::subscribe{watcher, true});
  CAF_REQUIRE(watched->get_future().wait_for(test::patience)
              == std::future_status::ready);
  CAF_CHECK(b.endpoint->disconnect("bob", close_code{4007}, "enough").get());
  auto told = test::await(*how);
  CAF_CHECK(told.code == close_code{4007});
  CAF_CHECK_EQUAL(told.reason, "enough");
}

CAF_TEST_FIXTURE_SCOPE_END()
