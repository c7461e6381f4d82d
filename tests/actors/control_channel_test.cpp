#define CAF_SUITE actors.control_channel

#include "actors/cluster/control_channel.hpp"

#include "support/bridge_part_fixture.hpp"

#include <algorithm>

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

using owner = test::bridge_part_owner;

void add_event(owner& x, int number) {
  x.out.events().add(msg::connection_up{"c" + std::to_string(number), nullptr});
}

void add_question(owner& x) {
  x.out.questions().add(caf::make_message(msg::total_connections{}),
                        x.make_response_promise());
}

void add_answer(owner& x, uint64_t number) {
  x.out.answers().begin();
  x.out.answers().add({number, {}, {}});
}

using fixture = test::bridge_part_fixture<owner>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(control_channel_tests, fixture)

CAF_TEST(nothing goes before the counterpart is there) {
  act([](owner& x) {
    x.out.names().note("lobby", true);
    x.out.send();
  });
  CAF_CHECK(news(peer).empty());
  meet();
  act([](owner& x) { x.out.send(); });
  CAF_CHECK(news(peer) == strings{"names 1"});
}

CAF_TEST(one of each kind goes in turn) {
  meet();
  act([](owner& x) {
    x.out.names().note("lobby", true);
    for (auto i = 1; i <= 2; ++i) {
      add_event(x, i);
      add_question(x);
      add_answer(x, i);
    }
    x.out.send();
  });
  CAF_CHECK(news(peer)
            == (strings{"names 1", "+c1 of round 0", "question 1", "answer 1",
                        "+c2 of round 0", "question 2", "answer 2"}));
}

CAF_TEST(names that are held wait for their release) {
  meet();
  act([](owner& x) {
    CAF_CHECK(x.out.hold_names());
    CAF_CHECK(!x.out.hold_names());
    x.out.names().note("lobby", true);
    x.out.send();
    x.out.send_new_ids();
  });
  CAF_CHECK(news(peer).empty());
  act([](owner& x) {
    x.out.release_names();
    x.out.send();
  });
  CAF_CHECK(news(peer) == strings{"names 1"});
}

CAF_TEST(new ids do not wait if messages follow) {
  meet();
  act([](owner& x) {
    x.out.hold_names();
    x.out.names().note("lobby", true);
    x.out.names().note(held_id{"alice", 1, 1});
    x.out.send_new_ids();
  });
  CAF_CHECK(news(peer) == strings{"names 2"});
}

CAF_TEST(an answer goes behind the names that it may rest on) {
  meet();
  act([](owner& x) {
    x.out.hold_names();
    x.out.names().note("lobby", true);
    add_answer(x, 1);
    x.out.send();
  });
  CAF_CHECK(news(peer) == (strings{"names 1", "answer 1"}));
}

CAF_TEST(what the window has no room for waits) {
  constexpr auto most = control_window::least_bytes
                        / control_window::least_size;
  meet();
  act([](owner& x) {
    for (size_t i = 0; i < most + 50; ++i)
      add_event(x, static_cast<int>(i));
    x.out.send();
  });
  auto sent = news(peer).size();
  CAF_CHECK(sent >= most && sent < most + 50);
  act([=](owner& x) { x.out.done(sent); });
  CAF_CHECK_EQUAL(sent + news(peer).size(), most + 50);
}

CAF_TEST(a round of events has nothing of the one before it) {
  meet();
  act([](owner& x) {
    add_event(x, 1);
    x.out.begin_events(2);
    add_event(x, 2);
    x.out.send();
  });
  CAF_CHECK(news(peer) == strings{"+c2 of round 2"});
}

CAF_TEST(vacant rooms and open questions need time) {
  meet();
  act([](owner& x) {
    CAF_CHECK(!x.out.needs_ticks());
    add_question(x);
    CAF_CHECK(x.out.needs_ticks());
    for (unsigned i = 0; i <= open_questions::patience; ++i)
      x.out.tick();
    CAF_CHECK(!x.out.needs_ticks());
    x.out.names().note("lobby", true);
    x.out.send();
    x.out.names().note("lobby", false);
    CAF_CHECK(x.out.needs_ticks());
    x.out.tick();
    x.out.tick();
    CAF_CHECK(!x.out.needs_ticks());
  });
}

CAF_TEST_FIXTURE_SCOPE_END()
