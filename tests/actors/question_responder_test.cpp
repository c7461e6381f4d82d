#define CAF_SUITE actors.question_responder

#include "actors/cluster/question_responder.hpp"

#include "support/bridge_part_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

struct owner final : test::bridge_part_owner {
  using bridge_part_owner::bridge_part_owner;

  question_responder responder{ends, out, losses, counters};
};

struct fixture : test::bridge_part_fixture<owner> {
  fixture() {
    meet();
  }

  void ask(uint64_t number, caf::message what) {
    act([=](owner& x) { x.responder.look_up({number, what}); });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(question_responder_tests, fixture)

CAF_TEST(the registry answers) {
  ask(1, caf::make_message(msg::total_connections{}));
  ask(2, caf::make_message(forward_local{
           "alice", caf::make_message(msg::total_connections{})}));
  CAF_CHECK(news(registry) == (strings{"total", "tell alice"}));
  CAF_CHECK(news(peer) == (strings{"answer 1", "answer 2"}));
}

CAF_TEST(a question that is not UTF-8 is answered by an error) {
  ask(1, caf::make_message(
           forward_local{"\xff", caf::make_message(msg::total_connections{})}));
  CAF_CHECK(news(registry).empty());
  CAF_CHECK(news(peer) == strings{"answer 1 failed"});
  act([](owner& x) { CAF_CHECK_EQUAL(x.counters->lost, 1u); });
}

CAF_TEST(questions beyond the bound are counted and have no answer) {
  act([](owner& x) {
    for (size_t i = 0; i < answer_queue::most + 1; ++i)
      x.responder.look_up({i + 1, caf::make_message(msg::total_connections{})});
    CAF_CHECK_EQUAL(x.counters->questions_refused, 1u);
  });
  CAF_CHECK_EQUAL(news(registry).size(), answer_queue::most);
}

CAF_TEST_FIXTURE_SCOPE_END()
