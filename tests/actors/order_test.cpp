#define CAF_SUITE actors.order

#include "actors/server_publisher.hpp"

#include "support/cluster_stage.hpp"
#include "support/fake_event_loops.hpp"
#include "support/fixture.hpp"
#include "troupe/query.hpp"

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
    announcer = actors::spawn_pinned<actors::server_publisher>(
      sys, event_loops.all()[0], server.core);
  }

  ~fixture() {
    caf::anon_send(server.registry(), actors::stop{std::chrono::seconds{1}});
    settle();
    advance_time(std::chrono::seconds{2});
    settle();
  }

  void settle() {
    while (event_loops[0].run() || event_loops[1].run() || run() > 0)
      ;
  }

  test::fake_client connect(std::string id) {
    auto res = server.connect(std::move(id));
    settle();
    return res;
  }

  /// As if the second thread were held by a handler.
  void settle_on_first_thread() {
    while (event_loops[0].run() || consume_messages() > 0)
      ;
  }

  void pass_two_seconds() {
    for (int i = 0; i < 2; ++i) {
      advance_time(std::chrono::seconds{1});
      settle_on_first_thread();
    }
  }

  template <class T, class Message>
  T ask(const caf::actor& whom, Message what) {
    T res{};
    auto handle = self->request(whom, caf::infinite, std::move(what));
    settle_on_first_thread();
    handle.receive([&](T& x) { res = std::move(x); },
                   [](caf::error& x) {
                     CAF_ERROR("error " + std::to_string(x.code()));
                   });
    return res;
  }

  bool is_listed(std::string id) {
    return ask<bool>(server.registry(), msg::is_connected{std::move(id)});
  }

  size_t members_of(std::string room) {
    return ask<std::vector<connection_info>>(
             server.registry(), msg::connections_by_room{std::move(room)})
      .size();
  }

  static bool has_ended(const test::fake_client& x) {
    return caf::actor_cast<caf::abstract_actor*>(x.actor)->getf(
      caf::abstract_actor::is_terminated_flag);
  }

  /// Something for the connection `id` to do, asked for by the server.
  template <class T = void, class Message>
  command<T> act(std::string id, Message what) {
    return {announcer, caf::make_message(msg::forward{
                         std::move(id), caf::make_message(std::move(what))})};
  }

  void announce(const recipient& to, std::string_view text) {
    actors::server_target{server.core, announcer}.send_to(to,
                                                          frame::text(text));
  }

  static std::string room(size_t i) {
    return "room" + std::to_string(i);
  }

  test::fake_event_loops event_loops{sys, 2};
  test::stage server{sys, {}, event_loops.all()};
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
  actors::server_target publish_target{server.core, announcer};
  for (size_t i = 0; i < n; ++i)
    publish_target.send_to(recipient::room(room(i)),
                           frame::text(std::to_string(i)));
  auto before = event_loops[0].turns() + event_loops[1].turns();
  settle();
  CAF_CHECK_LESS(event_loops[0].turns() + event_loops[1].turns() - before,
                 n / 20);
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
  event_loops[0].run(); // The registry's; bob's is late.
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
  for (size_t i = 0; i < 4; ++i) // Wherever the rooms are at home.
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
  event_loops[0].enter(); // Nothing leaves before this thread's turn ends.
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

// -- a server's operations ----------------------------------------------------

CAF_TEST(C26 C58 what is said after a join waits for it and all behind it) {
  auto alice = connect("alice");
  auto bob = connect("bob"); // On the other thread.
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
  auto bob = connect("bob"); // Whose thread is held.
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
  auto bob = connect("bob"); // Whose thread is held.
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

// -- the end ------------------------------------------------------------------

CAF_TEST(C45 who ends does not wait for ever for a thread that is held) {
  auto alice = connect("alice");
  auto bob = connect("bob"); // Whose thread is held.
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
  // It awaits this answer at its end, and longer.
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
  auto bob = connect("bob"); // Whose thread is held.
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
