#define CAF_SUITE actors.answer_queue

#include "actors/cluster/answer_queue.hpp"

#include "troupe/error.hpp"
#include "troupe/messages.hpp"

#include <caf/test/unit_test.hpp>

using namespace troupe;
using namespace troupe::actors;

namespace {

struct fixture {
  static answer small(uint64_t number) {
    return {number, caf::make_message(true), {}};
  }

  /// Two of these together exceed the bound.
  static answer large(uint64_t number) {
    std::vector<connection_info> all(answer_queue::most_bytes / 256,
                                     {std::string(128, 'x'), nullptr});
    return {number, caf::make_message(std::move(all)), {}};
  }

  answer_queue queue{std::make_shared<bridge_counters>()};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(answer_queue_tests, fixture)

CAF_TEST(answers leave in the order in which they were found) {
  CAF_CHECK(!queue.next());
  CAF_CHECK(queue.begin());
  CAF_CHECK(queue.begin());
  CAF_CHECK(queue.add(small(2)));
  CAF_CHECK(queue.add(small(1)));
  for (uint64_t number : {2, 1}) {
    auto x = queue.next();
    CAF_REQUIRE(x);
    CAF_CHECK_EQUAL(x->number, number);
  }
  CAF_CHECK(!queue.next());
}

CAF_TEST(so many questions have no answer yet) {
  for (size_t i = 0; i < answer_queue::most; ++i)
    CAF_CHECK(queue.begin());
  CAF_CHECK(!queue.begin());
  queue.add(small(1));
  CAF_CHECK(!queue.begin()); // The answer still waits.
  queue.next();
  CAF_CHECK(queue.begin());
}

CAF_TEST(an answer that finds no room says so) {
  for (auto i = 0; i < 3; ++i)
    queue.begin();
  CAF_CHECK(queue.add(large(1)));
  CAF_CHECK(!queue.add(large(2)));
  CAF_CHECK(queue.add(small(3)));
  CAF_CHECK(!queue.next()->failure);
  auto x = queue.next();
  CAF_CHECK_EQUAL(x->number, 2u);
  CAF_CHECK(x->failure == errc::no_answer);
  CAF_CHECK(!queue.next()->failure);
  // There is room again.
  queue.begin();
  CAF_CHECK(queue.add(large(4)));
}

CAF_TEST_FIXTURE_SCOPE_END()
