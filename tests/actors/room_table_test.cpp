#define CAF_SUITE actors.room_table

#include "actors/room_table.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/test/unit_test.hpp>

using namespace troupe::actors;

namespace {

using names = std::vector<std::string>;
using actors = std::vector<caf::actor>;

struct fixture {
  caf::actor spawn() {
    return sys.spawn([] { return caf::behavior{[](caf::unit_t) {}}; });
  }

  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::actor lobby = spawn();
  caf::actor kitchen = spawn();
  caf::actor earth = spawn();
  caf::actor mars = spawn();
  room_table x;

  ~fixture() {
    for (const auto& who : {lobby, kitchen, earth, mars})
      caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_table_tests, fixture)

CAF_TEST(a room is found by its name until it is removed) {
  auto& added = x.add("lobby", lobby, nullptr);
  CAF_CHECK(added.handle == lobby);
  x.add("kitchen", kitchen, nullptr);
  CAF_REQUIRE(x.find("lobby") != nullptr);
  CAF_CHECK(x.find("lobby")->handle == lobby);
  CAF_CHECK(x.contains("kitchen"));
  CAF_CHECK_EQUAL(x.size(), 2u);
  x.remove("lobby");
  CAF_CHECK(x.find("lobby") == nullptr);
  CAF_CHECK(!x.contains("lobby"));
  CAF_CHECK_EQUAL(x.size(), 1u);
}

CAF_TEST(a room is populated here by its first member) {
  x.add("kitchen", kitchen, nullptr).set_remote(earth, true);
  auto& room = x.add("lobby", lobby, nullptr);
  CAF_CHECK(x.populated().empty());
  CAF_CHECK(room.populate());
  CAF_CHECK(!room.populate());
  CAF_CHECK(x.populated() == names{"lobby"});
  room.has_members = false;
  CAF_CHECK(x.populated().empty());
  CAF_CHECK(room.populate());
}

CAF_TEST(a room is needed as long as it has members on any node) {
  auto& room = x.add("lobby", lobby, nullptr);
  CAF_CHECK(!room.is_needed());
  room.populate();
  CAF_CHECK(room.is_needed());
  room.set_remote(earth, true);
  room.has_members = false;
  CAF_CHECK(room.is_needed());
  room.set_remote(earth, false);
  CAF_CHECK(!room.is_needed());
}

CAF_TEST(a room has one entry for each node) {
  auto& room = x.add("lobby", lobby, nullptr);
  room.set_remote(earth, true);
  room.set_remote(mars, true);
  room.set_remote(earth, true); // repeated
  CAF_CHECK(room.bridges == (actors{mars, earth}));
  room.set_remote(mars, false);
  room.set_remote(mars, false);
  CAF_CHECK(room.bridges == actors{earth});
}

CAF_TEST(some are selected by their name and there is a limit) {
  x.add("lobby", lobby, nullptr);
  x.add("kitchen", kitchen, nullptr);
  CAF_CHECK_EQUAL(x.some({"", 5}).size(), 2u);
  CAF_CHECK_EQUAL(x.some({"", 1}).size(), 1u);
  auto found = x.some({"itch", 5});
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found[0].name, "kitchen");
  CAF_CHECK(found[0].handle == kitchen);
}

CAF_TEST_FIXTURE_SCOPE_END()
