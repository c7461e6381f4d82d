#define CAF_SUITE net.roster

#include "net/runtime/roster.hpp"

#include "support/running.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <optional>

using namespace troupe;

namespace {

struct guest_state {
  static inline const char* name = "guest";
};

caf::behavior visit(caf::stateful_actor<guest_state>*) {
  return {[](int) {}};
}

struct ours_state {
  static inline const char* name = "troupe.something";
};

caf::behavior serve(caf::stateful_actor<ours_state>*) {
  return {[](int) {}};
}

struct fixture {
  fixture() {
    cfg.profiler = &all;
    sys.emplace(cfg);
  }

  std::string line(const caf::actor& x) {
    return "actor " + std::to_string(x.id()) + ", guest";
  }

  net::roster all;
  runtime_config cfg;
  std::optional<caf::actor_system> sys;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(roster_tests, fixture)

CAF_TEST(actors of the program are named and no others) {
  CAF_CHECK_EQUAL(all.names(3), "");
  auto ours = sys->spawn(serve);
  auto hidden = sys->spawn<caf::hidden>(visit);
  CAF_CHECK_EQUAL(all.count(), 0u);
  auto a = sys->spawn(visit);
  auto b = sys->spawn<caf::detached>(visit);
  CAF_CHECK_EQUAL(all.names(3), line(a) + "; " + line(b) + ", detached");
}

CAF_TEST(long lists are cut) {
  auto a = sys->spawn(visit);
  auto b = sys->spawn(visit);
  auto c = sys->spawn(visit);
  CAF_CHECK_EQUAL(all.names(1), line(a) + " and 2 more");
}

CAF_TEST(who ends is struck off whatever handles there are) {
  auto a = sys->spawn(visit);
  auto b = sys->spawn<caf::detached>(visit);
  CAF_CHECK_EQUAL(all.count(), 2u);
  caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(b, caf::exit_reason::user_shutdown);
  b = nullptr; // Its thread waits for this.
  sys.reset();
  CAF_CHECK_EQUAL(all.count(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
