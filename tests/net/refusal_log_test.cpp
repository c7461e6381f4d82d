#define CAF_SUITE net.refusal_log

#include "net/runtime/refusal_log.hpp" // the header under test

#include <caf/test/unit_test.hpp>

using namespace std::chrono_literals;
using namespace troupe::net;

namespace {

constexpr auto alice = address_key{1};
constexpr auto bob = address_key{2};

struct fixture {
  refusal_log log;
  refusal_log::time_point now{1000h};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(refusal_log_tests, fixture)

CAF_TEST(an address has one line a minute with the number of the others) {
  CAF_CHECK(log.note(alice, now) == 0u);
  for (auto i = 0; i < 7; ++i)
    CAF_CHECK(!log.note(alice, now + 59s));
  CAF_CHECK(log.note(bob, now) == 0u);
  CAF_CHECK(log.note(alice, now + 60s) == 7u);
  CAF_CHECK(!log.note(alice, now + 61s));
  CAF_CHECK(log.note(alice, now + 120s) == 1u);
}

CAF_TEST(a flood from many addresses is not logged and is forgotten) {
  for (uint64_t i = 1; i <= 1024; ++i)
    CAF_REQUIRE(log.note(address_key{i}, now));
  CAF_CHECK(!log.note(address_key{2000}, now));
  CAF_CHECK(log.note(address_key{2000}, now + 60s) == 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
