#define CAF_SUITE actors.name_router

#include "actors/name_router.hpp"

#include "actors/server_core.hpp"
#include "support/part_fixture.hpp"
#include "troupe/id.hpp"

#include <caf/send.hpp>

#include <memory>
#include <utility>

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

/// An actor with a router and the objects it refers to, in place of the
/// registry.
struct owner final : pinned_actor {
  explicit owner(caf::actor_config& cfg) : pinned_actor(cfg, nullptr) {
  }

  caf::behavior make_behavior() override {
    return {
      [](const test::part_task& x) { x.run(); },
      [this](const msg::publish& msg) { router.route(msg); },
      [this](arrival& msg) { router.route(msg); },
      [this](turn_end) { router.send_off(); },
      [this](const msg::forward& msg) { return router.delegate(msg); },
      [this](const forward_local& msg) { return router.delegate_local(msg); },
      [this](const msg::survey& msg) { router.delegate(msg); },
      [](msg::total_connections) { return uint64_t{3}; },
      [this](const msg::lookup&) {
        return router.delegate_to_node_of(
          caf::actor_cast<caf::actor>(this),
          caf::make_message(msg::total_connections{}));
      },
    };
  }

  void on_exit() override {
    everyone.clear();
    router.clear();
  }

  relay_list relays = spawn_relays(system(), {});
  fan_out everyone{this, std::make_shared<server_core>(), relays, {}};
  connection_table connections;
  room_table rooms;
  remote_nodes nodes{id_conflict::reject_new};
  name_router router{this, relays, everyone, connections, rooms, nodes};
};

using kind = recipient::kind;

struct fixture : test::part_fixture<owner> {
  listener spawn_listener() {
    return part_fixture::spawn_listener([](auto note) {
      return caf::behavior{
        [=](const msg::emit& m) { note("emit " + text(m.message)); },
        [=](const msg::deliver& m) {
          m.messages.for_each(0, [&](const frame& said) {
            note("deliver " + text(said));
          });
        },
        [=](const msg::publish& m) { note("publish " + m.to.name); },
        [=](const msg::confirmed& m) {
          note("confirmed " + std::to_string(m.first));
        },
        [=](const arrival_refused& m) {
          note("refused " + std::to_string(m.ticket));
        },
        [=](const msg::is_joined& m) {
          note("asked " + m.room);
          return true;
        },
        [=](const ask_remote& m) -> caf::result<caf::message> {
          if (m.what.match_elements<msg::total_connections>())
            return caf::make_message(uint64_t{4});
          note("asked for " + m.what.get_as<forward_local>(0).id);
          return caf::make_message(true);
        }};
    });
  }

  static std::string text(const frame& x) {
    return std::string{x.payload()};
  }

  void say(const listener& from, recipient to, const std::string& what,
           uint64_t ticket = 0) {
    caf::send_as(from.handle, whose,
                 msg::publish{std::move(to), frame::text(what), ticket});
  }

  template <class T, class Request>
  T ask(Request what) {
    T res{};
    auto handle = self->request(whose, caf::infinite, std::move(what));
    run();
    handle.receive([&](T& x) { res = std::move(x); },
                   [&](caf::error& err) { failure = std::move(err); });
    return res;
  }

  caf::error failure;
  listener alice = spawn_listener();
  listener bob = spawn_listener();
  listener mars = spawn_listener();

  fixture() {
    act([this](owner& x) {
      x.connections.add("alice", alice.handle);
      x.connections.add("bob", bob.handle);
      x.nodes.add(mars.handle, "0000000b");
      x.nodes.hold_remote_id(*x.nodes.find(mars.handle.address()),
                             {"carol", 1, 1});
    });
  }
};

constexpr auto martian = "3f1c2a00-0000-4000-8000-000000000000@0000000b";

} // namespace

CAF_TEST_FIXTURE_SCOPE(name_router_tests, fixture)

CAF_TEST(a message to an id goes to its connection and is confirmed) {
  say(alice, {kind::any, "bob"}, "hi", 7);
  CAF_CHECK_EQUAL(news(bob), strings{"emit hi"});
  CAF_CHECK_EQUAL(news(alice), strings{"confirmed 7"});
}

CAF_TEST(a sender that is skipped gets the confirmation alone) {
  say(alice, {kind::connection, "alice", true}, "hi", 7);
  CAF_CHECK_EQUAL(news(alice), strings{"confirmed 7"});
  say(alice, {kind::connection, "alice"}, "hi");
  CAF_CHECK_EQUAL(news(alice), strings{"emit hi"});
}

CAF_TEST(a message to nobody is confirmed) {
  say(alice, {kind::any, "nobody"}, "hi", 1);
  say(alice, {kind::room, "bob"}, "hi", 2); // There is no such room.
  say(alice, {kind::any, "nobody"}, "hi");
  CAF_CHECK_EQUAL(news(alice), (strings{"confirmed 1", "confirmed 2"}));
  CAF_CHECK(news(bob).empty());
}

CAF_TEST(a message to an id of another node goes to its bridge) {
  say(alice, {kind::any, "carol"}, "hi", 1);
  say(alice, {kind::connection, martian}, "hi");
  say(alice, {kind::room, "carol"}, "hi");
  CAF_CHECK_EQUAL(
    news(mars), (strings{"publish carol", std::string{"publish "} + martian}));
  CAF_CHECK_EQUAL(news(alice), strings{"confirmed 1"});
}

CAF_TEST(what everyone is told comes before what is told to one later) {
  act([this](owner& x) { x.everyone.add(bob.handle); });
  say(alice, all, "first");
  say(alice, {kind::any, "bob"}, "second");
  say(alice, all, "third"); // sent at the end of the turn
  CAF_CHECK_EQUAL(news(bob),
                  (strings{"deliver first", "emit second", "deliver third"}));
}

CAF_TEST(messages of another node arrive in order and are confirmed once) {
  auto msg = arrival{{kind::connection, "bob"}, {}, 5};
  msg.messages.push_back({frame::text("first"), 1, false, true});
  msg.messages.push_back({frame::text("second"), 2, false, true});
  caf::send_as(mars.handle, whose, msg);
  CAF_CHECK_EQUAL(news(bob), (strings{"emit first", "emit second"}));
  CAF_CHECK_EQUAL(news(mars), strings{"confirmed 5"});
}

CAF_TEST(messages of another node to nobody are confirmed) {
  caf::send_as(mars.handle, whose, arrival{{kind::room, "lobby"}, {}, 5});
  caf::send_as(mars.handle, whose, arrival{{kind::connection, "eve"}, {}, 6});
  CAF_CHECK_EQUAL(news(mars), (strings{"confirmed 5", "confirmed 6"}));
}

CAF_TEST(messages of a bridge that was replaced are refused) {
  act([](owner& x) { x.nodes.replace("0000000b"); });
  auto msg = arrival{{kind::connection, "bob"}, {}, 5};
  msg.messages.push_back({frame::text("late"), 1, false, true});
  caf::send_as(mars.handle, whose, msg);
  CAF_CHECK_EQUAL(news(mars), strings{"refused 5"});
  CAF_CHECK(news(bob).empty());
}

CAF_TEST(a connection answers in place of the owner) {
  auto what = caf::make_message(msg::is_joined{"lobby"});
  CAF_CHECK(ask<bool>(msg::forward{"bob", what}));
  CAF_CHECK(ask<bool>(forward_local{"bob", what}));
  CAF_CHECK_EQUAL(news(bob), (strings{"asked lobby", "asked lobby"}));
  CAF_CHECK(!failure);
}

CAF_TEST(a connection of another node answers by its bridge) {
  auto what = caf::make_message(msg::is_joined{"lobby"});
  CAF_CHECK(ask<bool>(msg::forward{"carol", what}));
  CAF_CHECK_EQUAL(news(mars), strings{"asked for carol"});
  CAF_CHECK(!ask<bool>(forward_local{"carol", what}));
  CAF_CHECK(failure == errc::no_such_name);
  CAF_CHECK(news(mars).empty());
}

CAF_TEST(for nobody the owner answers) {
  CAF_CHECK(!ask<bool>(
    msg::forward{"eve", caf::make_message(msg::is_joined{"lobby"})}));
  CAF_CHECK(!failure);
  ask<bool>(forward_local{"eve", caf::make_message(msg::is_joined{"lobby"})});
  CAF_CHECK(failure == errc::no_such_name);
}

CAF_TEST(a survey puts the answers of all nodes together) {
  auto sum = ask<partial<uint64_t>>(
    msg::survey{caf::make_message(msg::total_connections{})});
  CAF_CHECK_EQUAL(sum.value, 7u);
  CAF_CHECK(sum.silent.empty());
}

CAF_TEST(a request goes to the node of an actor if that node is known) {
  ask<uint64_t>(msg::lookup{}); // this node is not a remote node
  CAF_CHECK(failure == errc::no_such_node);
  act([this](owner& x) {
    x.nodes.add(bob.handle, node_name(x.system().node()));
  });
  CAF_CHECK_EQUAL(ask<uint64_t>(msg::lookup{}), 4u);
}

CAF_TEST_FIXTURE_SCOPE_END()
