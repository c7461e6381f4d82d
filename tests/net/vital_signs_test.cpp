#define CAF_SUITE net.vital_signs

#include "net/runtime/vital_signs.hpp"

#include "support/break_down.hpp"

#include <caf/behavior.hpp>
#include <caf/send.hpp>
#include <caf/test/dsl.hpp>

using namespace troupe;

namespace {

struct fixture : test_coordinator_fixture<> {
  fixture() : actor(sys.spawn([]() -> caf::behavior { return {[](int) {}}; })) {
    run();
  }

  ~fixture() {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    run();
  }

  void watch(std::function<bool()> is_meant = {}) {
    signs->watch(actor, "somebody", std::move(is_meant));
  }

  void end(caf::exit_reason why) {
    caf::anon_send_exit(actor, why);
    run();
  }

  caf::actor actor;
  int losses = 0;
  std::shared_ptr<net::vital_signs> signs
    = std::make_shared<net::vital_signs>([this] { ++losses; });
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(vital_signs_tests, fixture)

CAF_TEST(an actor that ends by an error is a loss) {
  watch();
  test::break_down(actor);
  CAF_CHECK_EQUAL(losses, 1);
  CAF_CHECK(!signs->rest());
}

CAF_TEST(an actor that ends in good order is none) {
  watch();
  end(caf::exit_reason::user_shutdown);
  CAF_CHECK_EQUAL(losses, 0);
  CAF_CHECK(signs->rest());
}

CAF_TEST(who watches may know better) {
  watch([] { return false; });
  end(caf::exit_reason::user_shutdown);
  CAF_CHECK_EQUAL(losses, 1);
}

CAF_TEST(nothing is a loss after the rest) {
  watch();
  CAF_CHECK(signs->rest());
  test::break_down(actor);
  CAF_CHECK_EQUAL(losses, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
