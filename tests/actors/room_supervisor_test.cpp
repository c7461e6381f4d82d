#define CAF_SUITE actors.room_supervisor

#include "actors/room_supervisor.hpp"

#include "support/part_fixture.hpp"

#include <functional>
#include <memory>
#include <utility>

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

/// An actor with rooms and the objects they refer to, in place of the registry.
struct owner final : pinned_actor {
  owner(caf::actor_config& cfg, std::shared_ptr<server_core> shared)
    : pinned_actor(cfg, nullptr),
      core(std::move(shared)) {
    set_down_handler([this](const caf::down_msg& msg) {
      rooms.on_failure(caf::actor_cast<caf::actor>(msg.source));
    });
  }

  caf::behavior make_behavior() override {
    return {
      [](const test::part_task& x) { x.run(); },
      [this](const vacant& msg) { rooms.on_vacant(msg); },
      [this](const removed& msg) { rooms.on_removed(msg); },
    };
  }

  void on_exit() override {
    rooms.dismiss_all();
    rooms.clear();
  }

  std::shared_ptr<server_core> core;
  relay_list relays = spawn_relays(system(), {});
  connection_table connections;
  remote_nodes nodes{id_conflict::reject_new};
  event_feed feed{this, connections};
  room_supervisor rooms{this, core, {}, relays, connections, nodes, feed};
};

struct fixture : test::part_fixture<owner> {
  listener spawn_listener() {
    return part_fixture::spawn_listener([](auto note) {
      return caf::behavior{
        [=](const msg::joined& m) { note("joined " + m.room); },
        [=](const msg::join_refused& m) {
          note("refused " + m.room
               + (m.reason == errc::too_many_rooms ? ": too many" : ""));
        },
        [=](const msg::room_up& m) { note("+" + m.name); },
        [=](const msg::room_down& m) { note("-" + m.name); },
        [=](const room_populated& m) {
          note((m.has_members ? "populated " : "vacant ") + m.room);
        }};
    });
  }

  void let_in(const listener& who, const std::string& room) {
    act([=](owner& x) {
      x.rooms.let_in(who.handle, msg::join{room, nullptr, 0});
    });
  }

  bool let_out(const listener& who, const std::string& room) {
    auto was_member = std::make_shared<bool>();
    act([=](owner& x) { *was_member = x.rooms.let_out(who.handle, room); });
    return *was_member;
  }

  void set_remote(const std::string& room, bool populated) {
    act([=, this](owner& x) {
      x.rooms.set_remote(room, mars.handle, populated);
    });
  }

  std::shared_ptr<server_core> core;
  listener alice = spawn_listener();
  listener bob = spawn_listener();
  listener mars = spawn_listener();
  listener subscriber = spawn_listener();

  explicit fixture(std::shared_ptr<server_core> shared
                   = std::make_shared<server_core>())
    : part_fixture(shared),
      core(std::move(shared)) {
    act([this](owner& x) {
      x.feed.subscribe(subscriber.handle, false);
      x.nodes.add(mars.handle, "0000000b");
    });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_supervisor_tests, fixture)

CAF_TEST(a room begins with its first member and ends with its last) {
  let_in(alice, "lobby");
  let_in(bob, "lobby");
  CAF_CHECK_EQUAL(news(alice), strings{"joined lobby"});
  CAF_CHECK_EQUAL(news(subscriber), strings{"+lobby"});
  CAF_CHECK_EQUAL(news(mars), strings{"populated lobby"});
  CAF_CHECK(let_out(alice, "lobby"));
  CAF_CHECK(!let_out(alice, "lobby"));
  CAF_CHECK(!let_out(alice, "kitchen"));
  CAF_CHECK(news(subscriber).empty());
  CAF_CHECK(let_out(bob, "lobby"));
  CAF_CHECK_EQUAL(news(subscriber), strings{"-lobby"});
  CAF_CHECK_EQUAL(news(mars), strings{"vacant lobby"});
}

CAF_TEST(a room lives on while another node has members) {
  set_remote("lobby", true);
  CAF_CHECK_EQUAL(news(subscriber), strings{"+lobby"});
  CAF_CHECK(news(mars).empty()); // It has no member here.
  let_in(alice, "lobby");
  let_out(alice, "lobby");
  CAF_CHECK(news(subscriber).empty());
  CAF_CHECK_EQUAL(news(mars), (strings{"populated lobby", "vacant lobby"}));
  set_remote("lobby", false);
  CAF_CHECK_EQUAL(news(subscriber), strings{"-lobby"});
  set_remote("lobby", false); // opens no room to end it
  CAF_CHECK(news(subscriber).empty());
}

CAF_TEST(a room too many is refused and counted and an open one is not) {
  core->settings.max_rooms = 1;
  let_in(alice, "lobby");
  let_in(alice, "kitchen");
  let_in(bob, "lobby");
  CAF_CHECK_EQUAL(news(alice),
                  (strings{"joined lobby", "refused kitchen: too many"}));
  CAF_CHECK_EQUAL(news(bob), strings{"joined lobby"});
  CAF_CHECK_EQUAL(core->stats.rooms_refused.load(), 1u);
}

CAF_TEST(nobody is let in and no room is opened after the close) {
  let_in(alice, "lobby");
  act([](owner& x) { x.rooms.close(); });
  let_in(bob, "lobby");
  CAF_CHECK_EQUAL(news(bob), strings{"refused lobby"});
  news(subscriber);
  set_remote("kitchen", true);
  CAF_CHECK(news(subscriber).empty());
}

CAF_TEST(a bot that has ended is let go by its rooms singly) {
  let_in(alice, "kitchen");
  let_in(alice, "lobby");
  act([this](owner& x) {
    auto rooms = x.rooms.remove_bot(alice.handle.id());
    CAF_CHECK(rooms == (std::set<std::string>{"kitchen", "lobby"}));
    CAF_CHECK(x.rooms.remove_bot(alice.handle.id()).empty());
    x.rooms.let_go("kitchen", alice.handle.id());
  });
  CAF_CHECK_EQUAL(news(subscriber),
                  (strings{"+kitchen", "+lobby", "-kitchen"}));
}

CAF_TEST(a room that fails ends here and begins anew for other nodes) {
  let_in(alice, "kitchen");
  let_in(alice, "lobby");
  set_remote("lobby", true);
  news(subscriber);
  news(mars);
  for (auto name : {"kitchen", "lobby"}) {
    auto room = std::make_shared<caf::actor>();
    act([=](owner& x) { *room = x.rooms.table().find(name)->handle; });
    test::break_down(*room);
    run();
  }
  CAF_CHECK_EQUAL(news(subscriber), (strings{"-kitchen", "-lobby", "+lobby"}));
  CAF_CHECK_EQUAL(news(mars), (strings{"vacant kitchen", "vacant lobby"}));
}

CAF_TEST(a room knows whether a connection of any node has its name) {
  act([this](owner& x) { x.connections.add("alice", alice.handle); });
  let_in(bob, "alice"); // opened after the connection
  let_in(bob, "carol");
  act([this](owner& x) {
    auto has_namesake = [&](const std::string& name) {
      return x.rooms.table().find(name)->direct->has_namesake();
    };
    CAF_CHECK(has_namesake("alice"));
    CAF_CHECK(!has_namesake("carol"));
    x.connections.remove(alice.handle.id());
    x.nodes.hold_remote_id(*x.nodes.find(mars.handle.address()),
                           {"carol", 1, 1});
    for (auto id : {"alice", "carol", "nobody"})
      x.rooms.update_namesake(id);
    CAF_CHECK(!has_namesake("alice"));
    CAF_CHECK(has_namesake("carol"));
  });
}

CAF_TEST_FIXTURE_SCOPE_END()
