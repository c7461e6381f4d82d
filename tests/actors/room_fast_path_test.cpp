#define CAF_SUITE actors.room_fast_path

#include "actors/seams/fast_path.hpp"

#include "support/break_down.hpp"
#include "support/fake_event_loop.hpp"
#include "support/fixture.hpp"
#include "support/pinned_fixture.hpp"
#include "support/room_on.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <string>
#include <utility>

using namespace troupe;
using test::strings;

/// A connection calls a room on its thread directly, and the room calls its
/// members; no message overtakes an earlier one.

namespace {

/// A server on two threads; the registry and the first client share one.
struct two_threads : test_coordinator_fixture<test::test_config> {
  two_threads() {
    server.core->add(test::obey_clients);
  }

  ~two_threads() {
    caf::anon_send(server.registry(), actors::stop{std::chrono::seconds{1}});
    settle();
    advance_time(std::chrono::seconds{2});
    settle();
  }

  void settle() {
    while (event_loop.run() || other.run() || run() > 0)
      ;
  }

  test::fake_client member(std::string id, const std::string& room) {
    auto res = server.connect(std::move(id));
    settle();
    res.say("m:join;0;" + room);
    settle();
    return res;
  }

  caf::actor room_named(const std::string& name) {
    auto asked = self->request(server.registry(), caf::infinite,
                               msg::lookup{name});
    settle();
    caf::actor res;
    asked.receive([&](const caf::actor& x) { res = x; },
                  [](const caf::error& x) { CAF_FAIL(what(x)); });
    return res;
  }

  test::fake_event_loop other{sys};
  test::fake_event_loop event_loop{sys}; ///< The thread of the test.
  test::stage server{sys, {}, {&event_loop, &other}};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_fast_path_tests, test::pinned_fixture)

CAF_TEST(an idle room gathers what a connection publishes at once) {
  auto alice = connect("alice");
  alice.say("m:join;0;lobby");
  settle();
  alice.say(R"(m:room;4;["lobby","x"])");
  alice.say(R"(m:room;4;["lobby","y"])");
  CAF_CHECK_EQUAL(event_loop.runnable(), 0u);
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  settle();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"x", "y"}));
}

CAF_TEST(so does the registry for everyone but not by name) {
  auto alice = connect("alice");
  alice.say("m:all;0;x");
  CAF_CHECK_EQUAL(event_loop.runnable(), 0u);
  settle();
  CAF_CHECK_EQUAL(alice.heard(), strings{"x"});
  alice.say(R"(m:to;4;["alice too","y"])");
  CAF_CHECK_EQUAL(event_loop.runnable(), 1u);
}

CAF_TEST(invariant 3 nothing overtakes what waits in front of a room) {
  auto alice = connect("alice");
  alice.say("m:join;0;lobby");
  settle();
  self->send(server.registry(), msg::publish{"lobby", frame::text("1")});
  event_loop.run_one(); // the registry; the message waits for the room
  alice.say(R"(m:room;4;["lobby","2"])");
  settle();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2"}));
}

CAF_TEST(invariant 2 a room confirms when it has delivered) {
  auto alice = connect("alice");
  alice.say("m:join;0;lobby");
  settle();
  alice.say(R"(m:room;4;["lobby","1"])");
  alice.say("m:self;0;2");
  alice.say(R"(m:room;4;["lobby","3"])");
  alice.say("m:all;0;4");
  alice.say("m:self;0;5");
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  settle();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2", "3", "4", "5"}));
}

CAF_TEST(invariant 2 a confirmation waits while the connection is busy) {
  test::fake_client alice;
  server.core->add([&](connection& c) {
    c.on("x", [&](connection& me) {
      auto* actor = caf::actor_cast<caf::abstract_actor*>(me.handle());
      auto& to = dynamic_cast<actors::direct_receiver&>(*actor);
      CAF_CHECK(!to.try_confirm(msg::confirmed{1, 1}));
    });
  });
  alice = connect("alice");
  alice.say("m:x;0;");
  auto* actor = caf::actor_cast<caf::abstract_actor*>(alice.actor);
  CAF_CHECK(dynamic_cast<actors::direct_receiver&>(*actor).try_confirm(
    msg::confirmed{1, 1}));
}

CAF_TEST(a connection that is over quits when its last message is confirmed) {
  auto alice = connect("alice");
  alice.say("m:join;0;lobby");
  settle();
  alice.say(R"(m:room;4;["lobby","x"])");
  alice.hang_up();
  settle();
  CAF_CHECK(!is_alive(alice.actor));
}

CAF_TEST(a member whose socket fails ends alone) {
  auto alice = connect("alice");
  alice.say("m:join;0;lobby");
  settle();
  for (auto message : {R"(m:room;4;["lobby","hi"])", "m:all;0;hi"}) {
    auto bob = connect("bob");
    bob.say("m:join;0;lobby");
    settle();
    bob.socket->breaks = true;
    alice.say(message);
    settle();
    CAF_CHECK(bob.socket->closed());
    CAF_CHECK(!is_alive(bob.actor));
    CAF_CHECK_EQUAL(alice.heard(), strings{"hi"});
  }
  CAF_CHECK(is_alive(server.registry()));
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(two_thread_tests, two_threads)

CAF_TEST(invariant 2 a room that breaks down lets nothing overtake what everybody hears) {
  auto alice = member("alice", "attic");
  auto lobby = test::room_on(1, 2);
  auto bob = member("bob", lobby);
  auto attic = room_named("attic");
  alice.say("m:all;0;1"); // delivered when this thread's turn ends
  alice.say(R"(m:room;4;[")" + lobby + R"(","2"])");
  test::break_down(attic);
  while (event_loop.run_one())
    ; // until alice knows of the failure
  other.run();
  settle();
  CAF_CHECK_EQUAL(bob.heard(), (strings{"1", "2"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
