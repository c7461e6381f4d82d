#define CAF_SUITE actors.event_feed

#include "actors/event_feed.hpp"

#include "support/part_fixture.hpp"

#include <algorithm>
#include <functional>

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

/// An actor with a feed and connections, in place of the registry.
struct owner final : test::part_owner {
  using part_owner::part_owner;

  connection_table local;
  event_feed feed{this, local};
};

struct fixture : test::part_fixture<owner> {
  listener spawn_listener() {
    return part_fixture::spawn_listener([](auto note) {
      return caf::behavior{
        [=](const msg::connection_up& e) { note("+" + e.id); },
        [=](const msg::connection_down& e) { note("-" + e.id); },
        [=](const msg::room_up& e) { note("room " + e.name); },
        [=](const events_wanted& e) {
          note("round " + std::to_string(e.round));
        }};
    });
  }

  void subscribe(const listener& who, bool everywhere) {
    act([=](owner& x) { x.feed.subscribe(who.handle, everywhere); });
  }

  void unsubscribe(const listener& who) {
    act([=](owner& x) { x.feed.unsubscribe(who.handle.address()); });
  }

  void add_source(const listener& bridge) {
    act([=](owner& x) { x.feed.add_source(bridge.handle); });
  }

  void come(std::string id) {
    act([this, id](owner& x) {
      x.feed.report_connection(msg::connection_up{id, self});
    });
  }

  void go(std::string id) {
    act([id](owner& x) {
      x.feed.report_connection(
        msg::connection_down{id, close_code::normal, "bye"});
    });
  }

  void come_at(const listener& bridge, std::string id, uint64_t round) {
    remote(bridge, caf::make_message(msg::connection_up{id, self}), round);
  }

  void go_at(const listener& bridge, std::string id, uint64_t round) {
    remote(
      bridge,
      caf::make_message(msg::connection_down{id, close_code::normal, "bye"}),
      round);
  }

  void remote(const listener& bridge, caf::message what, uint64_t round) {
    act([=](owner& x) {
      x.feed.on_remote_event(bridge.handle.address(),
                             remote_event{what, round});
    });
  }

  listener alice = spawn_listener();
  listener bob = spawn_listener();
  listener earth = spawn_listener();
  listener mars = spawn_listener();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_feed_tests, fixture)

CAF_TEST(subscribers hear of connections and rooms and watchers of the former) {
  subscribe(alice, false);
  subscribe(bob, true);
  add_source(mars);
  act([&](owner& x) { x.feed.set_watching(mars.handle.address(), true); });
  news(mars);
  come("p1");
  go("p1");
  act([](owner& x) { x.feed.report(msg::room_up{"lobby", nullptr}); });
  CAF_CHECK(news(alice) == (strings{"+p1", "-p1", "room lobby"}));
  CAF_CHECK(news(bob) == (strings{"+p1", "-p1", "room lobby"}));
  CAF_CHECK(news(mars) == (strings{"+p1", "-p1"}));
  CAF_CHECK(news(earth).empty());
  act([&](owner& x) { x.feed.set_watching(mars.handle.address(), false); });
  unsubscribe(alice);
  come("p2");
  CAF_CHECK(news(mars).empty());
  CAF_CHECK(news(alice).empty());
  CAF_CHECK(news(bob) == strings{"+p2"});
}

CAF_TEST(a node is asked for events while someone subscribes to all nodes) {
  add_source(earth);
  subscribe(alice, false);
  CAF_CHECK(news(earth).empty());
  subscribe(bob, true);
  CAF_CHECK(news(earth) == strings{"round 1"});
  subscribe(alice, true);
  CAF_CHECK(news(earth).empty()); // already requested
  add_source(mars);
  CAF_CHECK(news(mars) == strings{"round 2"});
  unsubscribe(bob);
  CAF_CHECK(news(earth).empty());
  unsubscribe(alice);
  CAF_CHECK(news(earth) == strings{"round 0"});
  CAF_CHECK(news(mars) == strings{"round 0"});
}

CAF_TEST(events of other nodes are for subscribers to all nodes) {
  add_source(earth);
  subscribe(alice, false);
  subscribe(bob, true);
  come_at(earth, "p1", 1);
  come_at(earth, "p1", 1); // already known
  go_at(earth, "p1", 1);
  go_at(earth, "p1", 1);
  CAF_CHECK(news(alice).empty());
  CAF_CHECK(news(bob) == (strings{"+p1", "-p1"}));
}

CAF_TEST(who subscribes later hears of the connections that are known) {
  add_source(earth);
  subscribe(alice, true);
  come_at(earth, "p1", 1);
  subscribe(bob, true);
  CAF_CHECK(news(alice) == strings{"+p1"});
  CAF_CHECK(news(bob) == strings{"+p1"});
}

CAF_TEST(events of an earlier round are dropped) {
  add_source(earth);
  subscribe(bob, true);
  come_at(earth, "p1", 1);
  unsubscribe(bob);
  subscribe(bob, true);
  CAF_CHECK(news(earth) == (strings{"round 1", "round 0", "round 2"}));
  news(bob);
  come_at(earth, "p2", 1);
  CAF_CHECK(news(bob).empty());
  come_at(earth, "p1", 2); // Connections of round 1 are forgotten.
  CAF_CHECK(news(bob) == strings{"+p1"});
}

CAF_TEST(an id that another node or this one has does not end) {
  add_source(earth);
  add_source(mars);
  subscribe(alice, false);
  subscribe(bob, true);
  come_at(earth, "p1", 1);
  come_at(mars, "p1", 2);
  news(bob);
  go_at(earth, "p1", 1);
  CAF_CHECK(news(bob).empty());
  go("p1"); // There was also a local connection with this id.
  CAF_CHECK(news(alice) == strings{"-p1"});
  CAF_CHECK(news(bob).empty());
  act([this](owner& x) { x.local.add("p1", alice.handle); });
  go_at(mars, "p1", 2);
  CAF_CHECK(news(bob).empty());
}

CAF_TEST(the connections of a lost node end singly) {
  add_source(earth);
  add_source(mars);
  subscribe(bob, true);
  for (auto id : {"p1", "p2"})
    come_at(earth, id, 1);
  come_at(mars, "p2", 2);
  news(bob);
  auto left = std::make_shared<std::optional<event_feed::source>>();
  act([&](owner& x) {
    *left = x.feed.remove_source(earth.handle.address());
    CAF_CHECK(!x.feed.remove_source(earth.handle.address()));
  });
  CAF_REQUIRE(*left);
  go_at(earth, "p1", 1); // too late
  CAF_CHECK(news(bob).empty());
  act([&](owner& x) { CAF_CHECK(x.feed.report_next_lost(**left, "earth")); });
  CAF_CHECK(news(bob) == strings{"-p1"});
  act([&](owner& x) { CAF_CHECK(x.feed.report_next_lost(**left, "earth")); });
  CAF_CHECK(news(bob).empty()); // There is one on mars.
  act([&](owner& x) { CAF_CHECK(!x.feed.report_next_lost(**left, "earth")); });
}

CAF_TEST_FIXTURE_SCOPE_END()
