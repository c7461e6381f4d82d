#define CAF_SUITE actors.order

#include "actors/announcer.hpp"

#include "support/fake_homes.hpp"
#include "support/fixture.hpp"

#include <caf/send.hpp>

#include <algorithm>

using namespace troupe;
using test::strings;

namespace {

/// A server on two threads, with as many rooms as a client likes.
struct fixture : test_coordinator_fixture<test::test_config> {
  fixture() {
    server.core->add(test::obey_clients);
    server.core->settings.max_rooms_per_connection = 10'000;
    announcer = actors::spawn_pinned<actors::announcer_actor>(
      sys, homes.all()[0], server.core);
  }

  ~fixture() {
    caf::anon_send(server.registry(), actors::stop{std::chrono::seconds{1}});
    settle();
    advance_time(std::chrono::seconds{2});
    settle();
  }

  void settle() {
    while (homes[0].run() || homes[1].run() || run() > 0)
      ;
  }

  test::fake_client connect(std::string id) {
    auto res = server.connect(std::move(id));
    settle();
    return res;
  }

  static std::string room(size_t i) {
    return "room" + std::to_string(i);
  }

  test::fake_homes homes{sys, 2};
  test::stage server{sys, {}, homes.all()};
  caf::actor announcer;
};

strings numbers(size_t n) {
  strings res;
  for (size_t i = 0; i < n; ++i)
    res.push_back(std::to_string(i));
  return res;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(order_tests, fixture)

CAF_TEST(C58 a server that speaks in many rooms takes few turns) {
  constexpr size_t n = 2000;
  auto alice = connect("alice");
  auto bob = connect("bob"); // On the other thread.
  for (size_t i = 0; i < n; ++i)
    for (auto* x : {&alice, &bob})
      x->say("m:join;0;" + room(i));
  settle();
  actors::server_outlet outlet{server.core, announcer};
  for (size_t i = 0; i < n; ++i)
    outlet.send_to(recipient::room(room(i)), frame::text(std::to_string(i)));
  auto before = homes[0].turns() + homes[1].turns();
  settle();
  CAF_CHECK_LESS(homes[0].turns() + homes[1].turns() - before, n / 20);
  CAF_CHECK_EQUAL(alice.heard(), numbers(n));
  CAF_CHECK_EQUAL(bob.heard(), numbers(n));
}

CAF_TEST(C58 a connection that speaks in many rooms waits for none of them) {
  constexpr size_t n = 50;
  auto alice = connect("alice");
  auto bob = connect("bob");
  for (size_t i = 0; i < n; ++i)
    for (auto* x : {&alice, &bob})
      x->say("m:join;0;" + room(i));
  settle();
  auto before = homes[0].turns() + homes[1].turns();
  for (size_t i = 0; i < n; ++i)
    alice.say("m:room;4;[\"" + room(i) + "\",\"" + std::to_string(i) + "\"]");
  settle();
  CAF_CHECK_LESS(homes[0].turns() + homes[1].turns() - before, n / 2);
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
               publish{to, frame::text(std::to_string(sent++))});
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
             publish{recipient::room("lobby"), frame::text("1")});
  self->send(server.registry(),
             publish{recipient::connection("bob"), frame::text("2")});
  self->send(server.registry(),
             tell{"bob", caf::make_message(emit{frame::text("3")})});
  homes[0].run(); // The registry's; bob's is late.
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
  homes[1].run();
  homes[0].run();
  homes[1].leave();
  for (size_t i = 0; i < 4; ++i) // Wherever the rooms are at home.
    alice.say("m:room;4;[\"" + room(i) + "\",\"" + std::to_string(i) + "\"]");
  homes[0].run();
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
  homes[0].enter(); // Nothing leaves before this thread's turn ends.
  auto say = [&](const std::string& text) {
    alice.say(R"(m:room;4;["lobby",")" + text + "\"]");
    while (homes[0].run_one())
      ;
  };
  say("1");
  homes[0].leave();
  bob.say("m:leave;0;lobby");
  while (homes[1].run_one())
    ;
  homes[0].enter();
  carol.say("m:join;0;lobby");
  while (homes[0].run_one())
    ;
  say("2");
  homes[0].leave();
  settle();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(alice.socket->take_wire().size(), 1u);
  CAF_CHECK_EQUAL(bob.heard(), strings{"1"});
  CAF_CHECK_EQUAL(carol.heard(), strings{"2"});
}

CAF_TEST_FIXTURE_SCOPE_END()
