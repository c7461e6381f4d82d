#define CAF_SUITE actors.bot_table

#include "actors/bot_table.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/test/unit_test.hpp>

using namespace troupe::actors;

namespace {

using rooms = std::set<std::string>;

struct fixture {
  caf::actor spawn() {
    return sys.spawn([] { return caf::behavior{[](caf::unit_t) {}}; });
  }

  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::actor weather = spawn();
  caf::actor echo = spawn();
  bot_table x;

  ~fixture() {
    for (const auto& who : {weather, echo})
      caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(bot_table_tests, fixture)

CAF_TEST(a bot is new in its first room only) {
  CAF_CHECK(x.add(weather, "lobby"));
  CAF_CHECK(!x.add(weather, "kitchen"));
  CAF_CHECK(x.add(echo, "lobby"));
}

CAF_TEST(a bot is gone with its last room and new after that) {
  x.add(weather, "lobby");
  x.add(weather, "kitchen");
  CAF_CHECK(!x.remove(weather.id(), "lobby"));
  CAF_CHECK(!x.remove(weather.id(), "cellar")); // Never joined.
  CAF_CHECK(x.remove(weather.id(), "kitchen") == weather);
  CAF_CHECK(!x.remove(weather.id(), "kitchen"));
  CAF_CHECK(x.add(weather, "lobby"));
}

CAF_TEST(joining a room twice is joining it once) {
  x.add(weather, "lobby");
  x.add(weather, "lobby");
  CAF_CHECK(x.remove(weather.id(), "lobby") == weather);
}

CAF_TEST(an extracted bot leaves its rooms and nobody else does) {
  x.add(weather, "lobby");
  x.add(weather, "kitchen");
  x.add(echo, "lobby");
  CAF_CHECK(x.extract(weather.id()) == (rooms{"lobby", "kitchen"}));
  CAF_CHECK(x.extract(weather.id()).empty());
  CAF_CHECK(x.extract(echo.id()) == rooms{"lobby"});
}

CAF_TEST_FIXTURE_SCOPE_END()
