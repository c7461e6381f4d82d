#define CAF_SUITE actors.server_publisher

#include "actors/server_publisher.hpp"

#include "support/cluster_stage.hpp"
#include "support/two_thread_fixture.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace troupe;
using test::strings;

CAF_TEST_FIXTURE_SCOPE(server_publisher_tests, test::two_thread_fixture)

CAF_TEST(C58 a server that speaks in many rooms takes few turns) {
  constexpr size_t n = 2000;
  auto alice = connect("alice");
  auto bob = connect("bob"); // on the other thread
  for (size_t i = 0; i < n; ++i)
    for (auto* x : {&alice, &bob})
      x->say("m:join;0;" + room(i));
  settle();
  actors::server_target publish_target{server.core, announcer};
  for (size_t i = 0; i < n; ++i)
    publish_target.send_to(recipient::room(room(i)),
                           frame::text(std::to_string(i)));
  auto before = event_loops[0].turns() + event_loops[1].turns();
  settle();
  CAF_CHECK_LESS(event_loops[0].turns() + event_loops[1].turns() - before,
                 n / 5); // Turns are bounded by time.
  CAF_CHECK_EQUAL(alice.heard(), numbers(n));
  CAF_CHECK_EQUAL(bob.heard(), numbers(n));
}

CAF_TEST(C26 C58 what is said after a join waits for it and all behind it) {
  auto alice = connect("alice");
  auto bob = connect("bob"); // on the other thread
  alice.say("m:join;0;lobby");
  settle();
  act("bob", msg::join{"lobby", nullptr});
  announce(recipient::connection("alice"), "at once");
  announce(recipient::room("attic"), "nobody");
  announce(all, "1");
  announce("lobby", "2");
  announce(all, "3");
  settle_on_first_thread();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"at once", "1"}));
  settle();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"2", "3"}));
  CAF_CHECK_EQUAL(bob.heard(), (strings{"1", "2", "3"}));
}

CAF_TEST(C28 C58 what is said to any room waits for who leaves all) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  for (auto* x : {&alice, &bob})
    for (size_t i = 0; i < 2; ++i)
      x->say("m:join;0;" + room(i));
  settle();
  act("bob", msg::leave_all{});
  announce(recipient::room(room(1)), "1");
  settle_on_first_thread();
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  settle();
  CAF_CHECK_EQUAL(alice.heard(), strings{"1"});
  CAF_CHECK_EQUAL(bob.heard(), strings{});
}

CAF_TEST(C29 C58 who is to be disconnected gets what was said before) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  bob.say("m:join;0;lobby");
  settle();
  announce(recipient::room("lobby"), "1");
  announce(recipient::connection("bob"), "2");
  announce(all, "3");
  act("bob", msg::disconnect{});
  settle();
  CAF_CHECK_EQUAL(bob.heard(), (strings{"1", "2", "3"}));
  CAF_CHECK(bob.socket->closed());
}

CAF_TEST(C26 C58 a join at another node is waited for as well) {
  test::cluster_stage cluster{sys, 2};
  auto carol = cluster[1].connect("carol");
  auto here = actors::spawn_pinned<actors::server_publisher>(sys, nullptr,
                                                             cluster[0].core);
  run();
  actors::server_target publish_target{cluster[0].core, here};
  auto act_there = [&](auto what) {
    command<void>{
      here, caf::make_message(msg::forward{"carol", caf::make_message(what)})};
  };
  for (size_t i = 0; i < 5; ++i) {
    act_there(msg::join{room(i), nullptr});
    publish_target.send_to(recipient::room(room(i)),
                           frame::text(std::to_string(i)));
    act_there(msg::leave{room(i), nullptr});
    publish_target.send_to(recipient::room(room(i)), frame::text("late"));
  }
  run();
  CAF_CHECK_EQUAL(carol.heard(), numbers(5));
  cluster.stop();
  run();
}

CAF_TEST(a join that is not answered in time holds nothing any more) {
  auto alice = connect("alice");
  auto bob = connect("bob"); // on the held thread
  alice.say("m:join;0;lobby");
  settle();
  for (int i = 0; i < 3; ++i) {
    act("bob", msg::join{"lobby", nullptr});
    announce(recipient::room("lobby"), std::to_string(i));
  }
  settle_on_first_thread();
  advance_time(std::chrono::milliseconds{900});
  settle_on_first_thread();
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  pass_two_seconds();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"0", "1", "2"}));
  settle();
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  announce(recipient::room("lobby"), "both");
  settle();
  CAF_CHECK_EQUAL(alice.heard(), strings{"both"});
  auto heard = bob.heard();
  CAF_REQUIRE(!heard.empty());
  CAF_CHECK_EQUAL(heard.back(), "both");
}

CAF_TEST(an operation does not wait for ever behind what rooms do not take) {
  auto alice = connect("alice");
  auto bob = connect("bob"); // on the held thread
  for (auto* x : {&alice, &bob})
    x->say("m:join;0;lobby");
  settle();
  for (int i = 0; i < 5000; ++i)
    announce(recipient::room("lobby"), "x");
  act("alice", msg::disconnect{});
  settle_on_first_thread();
  CAF_CHECK(!alice.socket->closed());
  pass_two_seconds();
  CAF_CHECK_EQUAL(alice.heard().size(), 5000u);
  CAF_CHECK(alice.socket->closed());
}

CAF_TEST(whoever asks is answered with what the connection says or the end) {
  strings answers;
  auto alice = connect("alice");
  auto bob = connect("bob");
  settle();
  auto asker = sys.spawn([&](caf::event_based_actor* me) {
    auto note = [&](const std::string& about) {
      return [&answers, about] { answers.push_back(about); };
    };
    auto note_bool = [&](const std::string& about) {
      return [&answers, about](bool x) {
        answers.push_back(about + (x ? " true" : " false"));
      };
    };
    auto note_error = [&](const std::string& about) {
      return [&answers, about](const caf::error& x) {
        answers.push_back(about + ": " + what(x));
      };
    };
    act("alice", msg::join{"lobby", nullptr})
      .then(*me, note("join"), note_error("join"));
    act("alice", msg::join{"", nullptr})
      .then(*me, note("bad"), note_error("bad"));
    act<bool>("alice", msg::leave{"cellar", nullptr})
      .then(*me, note_bool("leave"), note_error("leave"));
    act("nobody", msg::disconnect{})
      .then(*me, note("disconnect"), note_error("disconnect"));
    act("eve", msg::join{"lobby", nullptr})
      .then(*me, note("eve"), note_error("eve"));
    act("bob", msg::join{"attic", nullptr})
      .then(*me, note("bob"), note_error("bob"));
    query<std::vector<connection_info>>{
      announcer, caf::make_message(msg::connections_by_room{"attic"})}
      .then(
        *me, [](const std::vector<connection_info>&) { CAF_ERROR("told"); },
        note_error("attic"));
    return caf::behavior{[](caf::unit_t) {}};
  });
  settle_on_first_thread();
  std::sort(answers.begin(), answers.end());
  CAF_CHECK_EQUAL(answers, (strings{"bad: no name for a room", "disconnect",
                                    "eve: no such connection or room: eve",
                                    "join", "leave false"}));
  answers.clear();
  test::break_down(server.registry());
  settle_on_first_thread();
  CAF_CHECK_EQUAL(
    answers, (strings{"bob: no answer in time: the server has stopped",
                      "attic: no answer in time: the server has stopped"}));
  caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
}

CAF_TEST_FIXTURE_SCOPE_END()
