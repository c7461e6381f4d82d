#define CAF_SUITE net.token_bucket

#include "net/runtime/token_bucket.hpp" // the header under test

#include <caf/test/unit_test.hpp>

using namespace std::chrono_literals;
using namespace troupe::net;

namespace {

struct fixture {
  token_bucket::time_point now{1000h};
  token_bucket bucket;

  int take_all(uint64_t per_second) {
    auto result = 0;
    for (; bucket.has_tokens(now); ++result)
      bucket.take(now, 1, per_second);
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(token_bucket_tests, fixture)

CAF_TEST(a bucket begins with the tokens of two seconds) {
  CAF_CHECK(bucket.is_full(now));
  CAF_CHECK_EQUAL(take_all(5), 10);
  CAF_CHECK(!bucket.is_full(now));
}

CAF_TEST(tokens come back at the rate) {
  take_all(5);
  now += 200ms;
  CAF_CHECK(!bucket.is_half_full(now));
  CAF_CHECK_EQUAL(take_all(5), 1);
  now += 1s;
  CAF_CHECK_EQUAL(take_all(5), 5);
  now += 1s;
  CAF_CHECK(bucket.is_half_full(now));
  CAF_CHECK(!bucket.is_full(now));
  now += 1s;
  CAF_CHECK(bucket.is_full(now));
}

CAF_TEST(a bucket holds no more however long it rests) {
  take_all(1);
  now += 24h;
  CAF_CHECK_EQUAL(take_all(1), 2);
}

CAF_TEST(what was taken beyond the last token is paid back) {
  bucket.take(now, 20, 10);
  CAF_CHECK(!bucket.is_overdrawn(now));
  bucket.take(now, 10, 10);
  CAF_CHECK(bucket.is_overdrawn(now));
  now += 1s;
  CAF_CHECK(!bucket.has_tokens(now));
  now += 1ms;
  CAF_CHECK(bucket.has_tokens(now));
}

CAF_TEST(the largest counts do not overflow) {
  bucket.take(now, uint64_t{1} << 30, 1);
  CAF_CHECK(!bucket.has_tokens(now + 24h));
}

CAF_TEST_FIXTURE_SCOPE_END()
