#define CAF_SUITE actors.room_actor

#include "actors/room_actor.hpp"

#include "support/fixture.hpp"

using namespace troupe;
using test::strings;

namespace {

/// A thread that ignores requests, as at the end of a program.
class forgetful_loop final : public actors::event_loop {
public:
  explicit forgetful_loop(caf::actor_system& sys) : actors::event_loop(&sys) {
    current_ = this;
  }

  ~forgetful_loop() override {
    current_ = nullptr;
  }

  void exec_later(caf::resumable* job) override {
    caf::intrusive_ptr_release(job);
  }

  void at_turn_end(caf::strong_actor_ptr) override {
  }

  void at_turn_end(caf::strong_actor_ptr, actors::direct_channel&) override {
  }

private:
  void tell_held_up(std::string_view, duration) override {
  }
};

/// Observes "lobby" and notes what it receives.
caf::behavior observer(caf::event_based_actor* self, caf::actor registry,
                       strings* notes) {
  self->request(registry, caf::infinite, actors::observe{"lobby"})
    .then([] {},
          [notes](const caf::error& why) {
            notes->push_back(why == errc::no_such_name ? "none" : "failed");
          });
  return {
    [=](const msg::deliver& x) {
      x.messages.for_each(self->id(), [&](const frame& y) {
        notes->emplace_back(y.payload());
      });
    },
    [=](const msg::room_down& x) { notes->push_back("-" + x.name); },
  };
}

struct fixture : test::fixture {
  caf::actor observe() {
    auto result = sys.spawn(observer, server.registry(), &notes);
    run();
    return result;
  }

  std::vector<room_info> rooms() {
    return ask<std::vector<room_info>>(server.registry(), msg::rooms{});
  }

  size_t observer_count() {
    return actors::fast_path_to<actors::room_actor>(rooms().at(0).handle)
      ->members()
      .observers()
      .size();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_tests, fixture)

CAF_TEST(a room that nobody knows any more is destroyed once) {
  forgetful_loop there{sys};
  auto me = caf::actor_cast<caf::strong_actor_ptr>(self);
  {
    auto room = actors::spawn_pinned<actors::room_actor>(
      sys, &there, server.core, "lost", server.registry(),
      actors::spawn_relays(sys, {}));
    auto& it = *actors::fast_path_to<actors::room_actor>(room);
    msg::publish msg{recipient::room("lost"), frame::text("gathered"), 7};
    CAF_CHECK(it.try_publish(msg, me, nullptr));
  }
  // A confirmation would name a sender that has ended.
  CAF_CHECK(self->mailbox().empty());
}

CAF_TEST(C43 a message to a room reaches every member once and nobody else) {
  auto alice = member("alice", "lobby");
  auto bob = member("bob", "lobby");
  auto carol = connect("carol");
  say(alice, R"(m:room;4;["lobby","hello"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"hello"});
  CAF_CHECK_EQUAL(bob.heard(), strings{"hello"});
  CAF_CHECK_EQUAL(carol.heard(), strings{});
}

CAF_TEST(C44 sending to a room takes no membership) {
  auto alice = member("alice", "lobby");
  auto bob = connect("bob");
  say(bob, R"(m:room;4;["lobby","from outside"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"from outside"});
  CAF_CHECK_EQUAL(bob.heard(), strings{});
}

CAF_TEST(C44 a message to an unknown room is heard by nobody and errs not) {
  auto alice = connect("alice");
  say(alice, R"(m:room;4;["nowhere","hello"])");
  say(alice, "m:self;0;still here");
  CAF_CHECK_EQUAL(alice.heard(), strings{"still here"});
  CAF_CHECK_EQUAL(room_size("nowhere"), 0u);
}

CAF_TEST(C30 joining twice is once) {
  auto alice = member("alice", "lobby");
  say(alice, "m:join;0;lobby");
  say(alice, R"(m:room;4;["lobby","hello"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"hello"});
  CAF_CHECK_EQUAL(room_size("lobby"), 1u);
}

CAF_TEST(C30 a member that dies without leaving is forgotten) {
  auto alice = member("alice", "lobby");
  auto bob = member("bob", "lobby");
  self->send_exit(bob.actor, caf::exit_reason::kill);
  run();
  CAF_CHECK_EQUAL(room_size("lobby"), 1u);
  CAF_CHECK_EQUAL(connection_count(), 1u);
}

CAF_TEST(C30 a join that comes after the death of its connection leaves no trace) {
  auto alice = connect("alice");
  self->send_exit(alice.actor, caf::exit_reason::kill);
  run();
  self->send(server.registry(), msg::join{"lobby", alice.actor});
  run();
  CAF_CHECK_EQUAL(room_size("lobby"), 0u);
}

CAF_TEST(a room begins with its first member and ends with the last) {
  auto alice = member("alice", "lobby");
  auto bob = member("bob", "lobby");
  auto room = ask<caf::actor>(server.registry(), msg::lookup{"lobby"});
  self->monitor(room);
  say(alice, "m:leave;0;lobby");
  CAF_CHECK_EQUAL(room_size("lobby"), 1u);
  say(bob, "m:leave;0;lobby");
  CAF_CHECK_EQUAL(room_size("lobby"), 0u);
  bool down = false;
  self->receive([&](const caf::down_msg& x) { down = x.source == room; });
  CAF_CHECK(down);
}

CAF_TEST(a room that empties while a join is under way lives on) {
  auto alice = member("alice", "lobby");
  auto bob = connect("bob");
  auto before = ask<caf::actor>(server.registry(), msg::lookup{"lobby"});
  alice.say("m:leave;0;lobby");
  bob.say("m:join;0;lobby");
  run();
  say(alice, R"(m:room;4;["lobby","hello"])");
  CAF_CHECK_EQUAL(bob.heard(), strings{"hello"});
  CAF_CHECK_EQUAL(room_size("lobby"), 1u);
}

CAF_TEST(a publish that races with the end of its room gets its confirmation) {
  auto alice = member("alice", "lobby");
  self->send(server.registry(), msg::publish{"lobby", frame::text("x"), 1});
  alice.say("m:leave;0;lobby");
  self->send(server.registry(), msg::publish{"lobby", frame::text("y"), 2});
  run();
  self->send(server.registry(), msg::publish{"lobby", frame::text("z"), 3});
  run();
  uint64_t count = 0;
  while (!self->mailbox().empty())
    self->receive(
      [&](const msg::confirmed& x) { count += x.last - x.first + 1; });
  CAF_CHECK_EQUAL(count, 3u);
}

CAF_TEST(all members share one block of bytes) {
  std::vector<test::fake_client> clients;
  for (int i = 0; i < 5; ++i)
    clients.push_back(member("c" + std::to_string(i), "lobby"));
  for (auto& x : clients)
    x.say(R"(m:room;4;["lobby","hello"])");
  run();
  for (auto& x : clients) {
    CAF_CHECK_EQUAL(x.heard().size(), 5u);
    CAF_CHECK_EQUAL(x.socket->blocks(), clients[0].socket->blocks());
  }
}

CAF_TEST(invariant 3 all members see one order) {
  std::vector<test::fake_client> clients;
  for (int i = 0; i < 5; ++i)
    clients.push_back(member("c" + std::to_string(i), "lobby"));
  for (int round = 0; round < 10; ++round)
    for (auto& x : clients)
      x.say(R"(m:room;4;["lobby",")" + std::to_string(round) + "\"]");
  run();
  auto first = clients[0].heard();
  CAF_CHECK_EQUAL(first.size(), 50u);
  for (size_t i = 1; i < clients.size(); ++i)
    CAF_CHECK_EQUAL(clients[i].heard(), first);
}

CAF_TEST(a room that breaks down frees its name and its members) {
  auto alice = member("alice", "lobby");
  auto room = ask<caf::actor>(server.registry(), msg::lookup{"lobby"});
  test::break_down(room);
  run();
  say(alice, "m:join;0;lobby");
  say(alice, R"(m:room;4;["lobby","back"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"back"});
}

CAF_TEST(a room that breaks down has said what it was told) {
  auto alice = member("alice", "lobby");
  auto bob = connect("bob");
  auto room = ask<caf::actor>(server.registry(), msg::lookup{"lobby"});
  bob.say(R"(m:room;4;["lobby","said"])");
  while (sched.prioritize(bob.actor) || sched.prioritize(server.registry()))
    sched.run_once();
  test::break_down(room);
  run();
  say(bob, "m:self;0;alive");
  CAF_CHECK_EQUAL(bob.heard(), strings{"alive"});
  CAF_CHECK_EQUAL(alice.heard(), strings{"said"});
}

CAF_TEST(an observer hears a room and is not one of its members) {
  auto alice = member("alice", "lobby");
  auto it = observe();
  CAF_CHECK_EQUAL(room_size("lobby"), 1u);
  say(alice, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(notes, strings{"hi"});
}

CAF_TEST(an observer keeps no room alive and is told of its end) {
  auto alice = member("alice", "lobby");
  auto it = observe();
  say(alice, "m:leave;0;lobby");
  CAF_CHECK(rooms().empty());
  CAF_CHECK_EQUAL(notes, strings{"-lobby"});
}

CAF_TEST(an observer opens no room) {
  auto it = observe();
  CAF_CHECK_EQUAL(notes, strings{"none"});
  CAF_CHECK(rooms().empty());
}

CAF_TEST(an observer that leaves or ends is forgotten) {
  auto alice = member("alice", "lobby");
  auto one = observe();
  auto two = observe();
  CAF_CHECK_EQUAL(observer_count(), 2u);
  caf::send_as(one, server.registry(), msg::leave{"lobby", nullptr});
  self->send_exit(two, caf::exit_reason::kill);
  run();
  CAF_CHECK_EQUAL(observer_count(), 0u);
  say(alice, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK(notes.empty());
  CAF_CHECK_EQUAL(room_size("lobby"), 1u);
}

CAF_TEST(strangers that talk nonsense do no harm) {
  auto alice = member("alice", "lobby");
  auto room = ask<caf::actor>(server.registry(), msg::lookup{"lobby"});
  for (const auto& whom : {alice.actor, room, server.registry()}) {
    self->send(whom, 42, std::string{"?"});
    self->send(whom, msg::confirmed{7, 9});
    self->send(whom, msg::leave{"lobby", nullptr});
    self->send(whom, msg::join{"", nullptr});
    caf::anon_send(whom, msg::subscribe{});
    caf::anon_send(whom, msg::join{"lobby", nullptr});
    caf::anon_send(whom, msg::leave{"lobby", nullptr});
    caf::anon_send(whom, msg::publish{recipient::room("lobby").except_sender(),
                                      frame::text("?"), 1});
  }
  run();
  say(alice, R"(m:room;4;["lobby","fine"])");
  CAF_CHECK_EQUAL(connection_count(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
