#define CAF_SUITE actors.room_memberships

#include "actors/room_memberships.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/test/dsl.hpp>

#include <string>
#include <vector>

using troupe::actors::room_memberships;
using strings = std::vector<std::string>;

namespace {

/// A fixture in which rooms are actors without behavior.
struct fixture : test_coordinator_fixture<> {
  caf::actor make_room() {
    return sys.spawn([](caf::event_based_actor*) {});
  }

  static caf::strong_actor_ptr as_sender(const caf::actor& x) {
    return caf::actor_cast<caf::strong_actor_ptr>(x);
  }

  /// @returns whether handlers saw the room as joined.
  bool leave(const std::string& name) {
    return static_cast<bool>(rooms.leave(name, [] {}));
  }

  /// Returns whether the route of that name leads to `room`.
  bool leads_to(const std::string& name, const caf::actor& room) {
    auto* way = rooms.find_route(name);
    return way != nullptr && way->room == room;
  }

  room_memberships rooms;
  caf::actor lobby = make_room();
  caf::actor attic = make_room();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_memberships_tests, fixture)

CAF_TEST(handlers see a join at once and the way in when the room has answered) {
  CAF_CHECK(!rooms.contains("lobby"));
  rooms.join("lobby");
  CAF_CHECK(rooms.contains("lobby"));
  CAF_CHECK_EQUAL(rooms.size(), 1u);
  CAF_CHECK(rooms.find_route("lobby") == nullptr);
  rooms.on_joined("lobby", lobby);
  CAF_CHECK(leads_to("lobby", lobby));
  CAF_CHECK_EQUAL(rooms.size(), 1u);
}

CAF_TEST(names are those of the rooms that handlers see) {
  for (auto x : {"b", "c", "a"})
    rooms.join(x);
  leave("b");
  CAF_CHECK_EQUAL(rooms.names(), (strings{"a", "c"}));
}

CAF_TEST(a leave returns the way into the room) {
  rooms.join("lobby");
  rooms.on_joined("lobby", lobby);
  auto way = rooms.leave("lobby", [] {});
  CAF_CHECK(way && way->room == lobby);
  CAF_CHECK(!rooms.contains("lobby"));
  CAF_CHECK_EQUAL(rooms.size(), 0u);
  CAF_CHECK(rooms.find_route("lobby") == nullptr);
  CAF_CHECK(!leave("lobby"));
}

CAF_TEST(a leave while the join is under way returns no way) {
  rooms.join("lobby");
  auto way = rooms.leave("lobby", [] {});
  CAF_CHECK(way && !way->room);
  rooms.on_joined("lobby", lobby);
  CAF_CHECK(!rooms.contains("lobby"));
  CAF_CHECK(rooms.find_route("lobby") == nullptr);
}

CAF_TEST(with several joins under way the last answer counts) {
  rooms.join("lobby");
  leave("lobby");
  rooms.join("lobby");
  rooms.on_joined("lobby", attic); // the first room of this name
  CAF_CHECK(rooms.contains("lobby"));
  CAF_CHECK(rooms.find_route("lobby") == nullptr);
  rooms.on_joined("lobby", lobby);
  CAF_CHECK(leads_to("lobby", lobby));
  CAF_CHECK_EQUAL(rooms.size(), 1u);
}

CAF_TEST(on_leave sees the room and cannot leave it once more) {
  auto calls = 0;
  rooms.join("lobby");
  auto way = rooms.leave("lobby", [&] {
    ++calls;
    CAF_CHECK(rooms.contains("lobby"));
    CAF_CHECK_EQUAL(rooms.size(), 1u);
    CAF_CHECK(!rooms.leave("lobby", [&] { ++calls; }));
    rooms.join("attic");
    CAF_CHECK(leave("attic"));
  });
  CAF_CHECK(way);
  CAF_CHECK_EQUAL(calls, 1);
  CAF_CHECK_EQUAL(rooms.size(), 0u);
}

CAF_TEST(a room that refuses is seen no more) {
  rooms.join("lobby");
  rooms.on_refused("lobby");
  CAF_CHECK(!rooms.contains("lobby"));
  CAF_CHECK_EQUAL(rooms.size(), 0u);
  rooms.join("lobby");
  leave("lobby");
  rooms.on_refused("lobby");
  CAF_CHECK_EQUAL(rooms.size(), 0u);
}

CAF_TEST(answers that nobody waits for change nothing) {
  rooms.on_joined("lobby", lobby);
  rooms.on_refused("lobby");
  rooms.on_down("lobby", as_sender(lobby), [] { CAF_ERROR("not a member"); });
  CAF_CHECK_EQUAL(rooms.size(), 0u);
  CAF_CHECK_EQUAL(rooms.names(), strings{});
}

CAF_TEST(a room that breaks down is left and forgotten) {
  rooms.join("lobby");
  rooms.on_joined("lobby", lobby);
  auto calls = 0;
  rooms.on_down("lobby", as_sender(lobby), [&] {
    ++calls;
    CAF_CHECK(rooms.contains("lobby"));
    CAF_CHECK(!leave("lobby"));
  });
  CAF_CHECK_EQUAL(calls, 1);
  CAF_CHECK(!rooms.contains("lobby"));
  CAF_CHECK_EQUAL(rooms.size(), 0u);
}

CAF_TEST(an earlier room of that name breaks down in vain) {
  rooms.join("lobby");
  auto none = [] { CAF_ERROR("it is another room"); };
  rooms.on_down("lobby", as_sender(lobby), none);
  rooms.on_joined("lobby", lobby);
  rooms.on_down("lobby", as_sender(attic), none);
  CAF_CHECK(leads_to("lobby", lobby));
}

CAF_TEST(at the end all rooms are let go of and those under way) {
  rooms.join("lobby");
  rooms.on_joined("lobby", lobby);
  rooms.join("under way");
  rooms.join("left");
  leave("left");
  rooms.join("over");
  rooms.on_refused("over");
  strings known, unknown;
  rooms.release([&](const std::string& name, const room_memberships::route& x) {
    (x.room ? known : unknown).push_back(name);
  });
  CAF_CHECK_EQUAL(known, strings{"lobby"});
  CAF_CHECK_EQUAL(unknown, (strings{"left", "under way"}));
  CAF_CHECK_EQUAL(rooms.size(), 0u);
  rooms.release([](const auto&, const auto&) { CAF_ERROR("all are gone"); });
}

CAF_TEST_FIXTURE_SCOPE_END()
