#define CAF_SUITE actors.id_claims

#include "actors/id_claims.hpp"

#include "troupe/runtime.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/test/unit_test.hpp>

#include <string>

using namespace troupe;
using namespace troupe::actors;

namespace {

struct fixture {
  caf::actor make_bridge() {
    return sys.spawn([] { return caf::behavior{[](caf::unit_t) {}}; });
  }

  /// Returns the claims that `x` announces to another node.
  static void tell(const id_claims& x, const caf::actor& bridge, id_claims& y) {
    for (const auto& held : x.held())
      y.learn(bridge, held);
  }

  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::actor a = make_bridge();
  caf::actor b = make_bridge();
  caf::actor c = make_bridge();

  ~fixture() {
    for (const auto& x : {a, b, c})
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  }
};

constexpr auto none = "3f1c2a00-0000-4000-8000-000000000000@0000000a";

} // namespace

CAF_TEST_FIXTURE_SCOPE(id_claims_tests, fixture)

CAF_TEST(an id of the default form needs no entry) {
  CAF_CHECK(!id_claims::is_own(none));
  CAF_CHECK(id_claims::is_own("alice"));
  CAF_CHECK(id_claims::is_own("alice@home"));
}

CAF_TEST(who holds an id is known until it is told free) {
  id_claims x{id_conflict::reject_new};
  x.learn(a, {"k", 1, 1});
  CAF_CHECK(x.is_remote("k"));
  CAF_CHECK(x.keeper("k") == a);
  x.forget(b, "k"); // not held by b
  CAF_CHECK(x.is_remote("k"));
  x.forget(a, "k");
  CAF_CHECK(!x.is_remote("k"));
  CAF_CHECK(!x.keeper("k"));
}

CAF_TEST(of two nodes with one id exactly one loses it) {
  for (auto policy : {id_conflict::reject_new, id_conflict::replace_old}) {
    id_claims x{policy};
    id_claims y{policy};
    x.hold("k");
    y.hold("k");
    CAF_CHECK(!x.is_lost("k"));
    tell(x, a, y);
    tell(y, b, x);
    CAF_CHECK(x.is_lost("k") != y.is_lost("k"));
  }
}

CAF_TEST(also of three of one moment) {
  for (uint64_t lot = 1; lot <= 3; ++lot) {
    id_claims x{id_conflict::reject_new};
    x.learn(a, {"k", 5, lot % 3});
    x.learn(b, {"k", 5, (lot + 1) % 3});
    x.learn(c, {"k", 5, (lot + 2) % 3});
    auto keeper = lot == 3 ? a : lot == 2 ? b : c; // the one with lot 0
    CAF_CHECK(x.keeper("k") == keeper);
  }
}

CAF_TEST(the older one keeps it or the newer one by policy) {
  id_claims reject{id_conflict::reject_new};
  id_claims replace{id_conflict::replace_old};
  for (auto* x : {&reject, &replace}) {
    x->learn(a, {"k", 1, 9});
    x->learn(b, {"k", 2, 0});
  }
  CAF_CHECK(reject.keeper("k") == a);
  CAF_CHECK(replace.keeper("k") == b);
}

CAF_TEST(who replaces is newer whatever the clocks say) {
  id_claims x{id_conflict::replace_old};
  auto future = uint64_t{1} << 63;
  x.learn(a, {"k", future, 7});
  CAF_CHECK_GREATER(x.hold("k").since, future);
  CAF_CHECK(!x.is_lost("k"));
}

CAF_TEST(what a node held that is gone does not count) {
  id_claims x{id_conflict::reject_new};
  x.learn(a, {"k", 1, 0});
  x.learn(b, {"k", 2, 0});
  x.ignore(a);
  CAF_CHECK(x.keeper("k") == b);
  x.forget(b, "k");
  CAF_CHECK(!x.is_remote("k"));
  x.forget(a, "k");
  x.stop_ignoring(a);
  CAF_CHECK(!x.is_remote("k"));
}

CAF_TEST_FIXTURE_SCOPE_END()
