#define CAF_SUITE actors.order

#include "support/two_thread_fixture.hpp"

#include <algorithm>
#include <string>

using namespace troupe;
using test::strings;

CAF_TEST_FIXTURE_SCOPE(order_tests, test::two_thread_fixture)

CAF_TEST(C58 a connection that speaks in many rooms waits for none of them) {
  constexpr size_t n = 50;
  auto alice = connect("alice");
  auto bob = connect("bob");
  for (size_t i = 0; i < n; ++i)
    for (auto* x : {&alice, &bob})
      x->say("m:join;0;" + room(i));
  settle();
  auto before = event_loops[0].turns() + event_loops[1].turns();
  for (size_t i = 0; i < n; ++i)
    alice.say("m:room;4;[\"" + room(i) + "\",\"" + std::to_string(i) + "\"]");
  settle();
  CAF_CHECK_LESS(event_loops[0].turns() + event_loops[1].turns() - before,
                 n / 2);
  CAF_CHECK_EQUAL(alice.heard(), numbers(n));
  CAF_CHECK_EQUAL(bob.heard(), numbers(n));
}

CAF_TEST(C58 what an actor sends by the registry is in order whoever gets it) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  for (auto* x : {&alice, &bob})
    for (size_t i = 0; i < 3; ++i)
      x->say("m:join;0;" + room(i));
  settle();
  size_t sent = 0;
  auto say = [&](const recipient& to) {
    self->send(server.registry(),
               msg::publish{to, frame::text(std::to_string(sent++))});
  };
  for (int i = 0; i < 10; ++i) {
    say(recipient::room(room(0)));
    say(recipient::connection("bob"));
    say(all);
    say(recipient::room(room(1)));
    say(recipient::any("bob"));
    say(recipient::room(room(2)));
  }
  settle();
  CAF_CHECK_EQUAL(bob.heard(), numbers(sent));
  auto heard = alice.heard();
  CAF_CHECK_EQUAL(heard.size(), 40u);
  CAF_CHECK(std::is_sorted(heard.begin(), heard.end(), [](auto& x, auto& y) {
    return std::stoi(x) < std::stoi(y);
  }));
}

CAF_TEST(C58 what is for an id does not overtake a room whose relay is late) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  bob.say("m:join;0;lobby");
  settle();
  self->send(server.registry(),
             msg::publish{recipient::room("lobby"), frame::text("1")});
  self->send(server.registry(),
             msg::publish{recipient::connection("bob"), frame::text("2")});
  self->send(server.registry(),
             msg::forward{"bob",
                          caf::make_message(msg::emit{frame::text("3")})});
  event_loops[0].run(); // the registry's thread; bob's is late
  CAF_CHECK_EQUAL(bob.heard(), strings{});
  settle();
  CAF_CHECK_EQUAL(bob.heard(), (strings{"1", "2", "3"}));
}

CAF_TEST(a room does not wait for a thread that is held) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  for (size_t i = 0; i < 4; ++i)
    alice.say("m:join;0;" + room(i));
  settle();
  for (size_t i = 0; i < 4; ++i)
    bob.say("m:room;4;[\"" + room(i) + "\",\"from the other thread\"]");
  event_loops[1].run();
  event_loops[0].run();
  event_loops[1].leave();
  for (size_t i = 0; i < 4; ++i) // whichever thread the rooms run on
    alice.say("m:room;4;[\"" + room(i) + "\",\"" + std::to_string(i) + "\"]");
  event_loops[0].run();
  auto heard = alice.heard();
  heard.erase(std::remove(heard.begin(), heard.end(), "from the other thread"),
              heard.end());
  CAF_CHECK_EQUAL(heard, numbers(4));
}

CAF_TEST(who joins or leaves meanwhile hears its part and the batch stays one) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  auto carol = connect("carol");
  alice.say("m:join;0;lobby");
  bob.say("m:join;0;lobby");
  settle();
  alice.socket->take_wire();
  event_loops[0].enter(); // Nothing is sent before this thread's turn ends.
  auto say = [&](const std::string& text) {
    alice.say(R"(m:room;4;["lobby",")" + text + "\"]");
    while (event_loops[0].run_one())
      ;
  };
  say("1");
  event_loops[0].leave();
  bob.say("m:leave;0;lobby");
  while (event_loops[1].run_one())
    ;
  event_loops[0].enter();
  carol.say("m:join;0;lobby");
  while (event_loops[0].run_one())
    ;
  say("2");
  event_loops[0].leave();
  settle();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(alice.socket->take_wire().size(), 1u);
  CAF_CHECK_EQUAL(bob.heard(), strings{"1"});
  CAF_CHECK_EQUAL(carol.heard(), strings{"2"});
}

// -- the end ------------------------------------------------------------------

CAF_TEST(C45 who ends does not wait for ever for a thread that is held) {
  auto alice = connect("alice");
  auto bob = connect("bob"); // on the held thread
  for (auto* x : {&alice, &bob})
    x->say("m:join;0;lobby");
  settle();
  alice.say(R"(m:room;4;["lobby","hi"])");
  alice.say("m:self;0;last");
  alice.say("m:bye;0;");
  settle_on_first_thread();
  CAF_CHECK(!alice.socket->closed());
  pass_two_seconds();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"hi", "last"}));
  CAF_CHECK(alice.socket->closed());
  CAF_CHECK(!is_listed("alice"));
  CAF_CHECK_EQUAL(members_of("lobby"), 1u);
  CAF_CHECK(has_ended(alice));
  settle();
  CAF_CHECK_EQUAL(bob.heard(), strings{"hi"});
}

CAF_TEST(so it is if the client hangs up) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  for (auto* x : {&alice, &bob})
    x->say("m:join;0;lobby");
  settle();
  alice.say(R"(m:to;4;["bob","hi"])");
  alice.say(R"(m:room;4;["lobby","1"])");
  alice.hang_up();
  settle_on_first_thread();
  CAF_CHECK(is_listed("alice"));
  // Alice's end waits for this response and for other messages.
  act<bool>("alice", msg::leave{"lobby", nullptr});
  pass_two_seconds();
  CAF_CHECK(!is_listed("alice"));
  CAF_CHECK_EQUAL(members_of("lobby"), 1u);
  pass_two_seconds();
  CAF_CHECK(has_ended(alice));
  settle();
  CAF_CHECK_EQUAL(bob.heard(), (strings{"hi", "1"}));
}

CAF_TEST(C40 who leaves does not wait for ever for a thread that is held) {
  auto alice = connect("alice");
  auto bob = connect("bob"); // on the held thread
  auto carol = connect("carol");
  for (auto* x : {&alice, &carol})
    x->say("m:join;0;lobby");
  settle();
  alice.say(R"(m:to;4;["bob","hi"])");
  alice.say("m:leave;0;lobby");
  settle_on_first_thread();
  CAF_CHECK_EQUAL(members_of("lobby"), 2u);
  pass_two_seconds();
  CAF_CHECK_EQUAL(members_of("lobby"), 1u);
  carol.say(R"(m:room;4;["lobby","alone"])");
  settle();
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  CAF_CHECK_EQUAL(carol.heard(), strings{"alone"});
  CAF_CHECK_EQUAL(bob.heard(), strings{"hi"});
}

CAF_TEST_FIXTURE_SCOPE_END()
