#define CAF_SUITE actors.bot

#include <troupe/messages.hpp> // all that other actors need

#include "support/fixture.hpp"

using namespace troupe;
using test::strings;

namespace {

/// Answers each "ping" in its room with "pong".
caf::behavior bot(caf::event_based_actor* self, caf::actor registry) {
  self->link_to(registry); // Ends with the server.
  self->send(registry, msg::join{"lobby", self});
  return {
    [=](const msg::joined&) {},
    [=](const msg::deliver& msg) {
      msg.messages.for_each(self->id(), [&](const frame& x) {
        if (x.payload() == "ping")
          self->send(registry, msg::publish{"lobby", frame::text("pong")});
      });
    },
  };
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(bot_tests, test::fixture)

CAF_TEST(a stranger joins a room and hears it and answers) {
  sys.spawn(bot, server.registry());
  auto alice = member("alice", "lobby");
  CAF_CHECK_EQUAL(room_size("lobby"), 2u);
  say(alice, R"(m:room;4;["lobby","ping"])");
  CAF_CHECK_EQUAL(alice.heard(), (strings{"ping", "pong"}));
}

CAF_TEST(a stranger that is linked to the registry ends with the server) {
  auto linked = sys.spawn(bot, server.registry());
  run();
  self->send(server.registry(), actors::stop{std::chrono::seconds{1}});
  run();
  CAF_CHECK(caf::actor_cast<caf::abstract_actor*>(linked)->getf(
    caf::abstract_actor::is_terminated_flag));
}

CAF_TEST(a stranger sends straight to a connection and ends it) {
  auto alice = connect("alice");
  auto handle = ask<caf::actor>(server.registry(), msg::lookup{"alice"});
  CAF_CHECK_EQUAL(handle, alice.actor);
  self->send(handle, msg::emit{frame::text("psst")});
  run();
  CAF_CHECK_EQUAL(alice.heard(), strings{"psst"});
  self->monitor(handle);
  self->send(handle, msg::disconnect{close_code::policy_violation, "out"});
  run();
  CAF_CHECK(alice.socket->code() == close_code::policy_violation);
  self->receive([&](const caf::down_msg& x) {
    CAF_CHECK_EQUAL(x.source, handle.address());
  });
}

// An actor without an error handler would terminate if it received an error
// that is not a response.
CAF_TEST(what fails and was no question is not answered) {
  auto alice = connect("alice");
  self->send(alice.actor, msg::disconnect{close_code::normal, ""});
  self->send(alice.actor, msg::disconnect{close_code::normal, "again"});
  self->send(server.registry(),
             msg::forward{"nobody",
                          caf::make_message(msg::join{"lobby", nullptr})});
  self->send(server.registry(),
             msg::forward{"nobody", caf::make_message(msg::leave_all{})});
  run();
  CAF_CHECK(self->mailbox().empty());
}

CAF_TEST(a subscriber hears of connections and rooms) {
  self->send(server.registry(), msg::subscribe{});
  run();
  auto alice = member("alice", "lobby");
  alice.hang_up(close_code::going_away);
  run();
  strings log;
  while (!self->mailbox().empty())
    self->receive(
      [&](const msg::connection_up& x) { log.push_back("up " + x.id); },
      [&](const msg::connection_down& x) {
        log.push_back("down " + x.id + " "
                      + std::to_string(static_cast<int>(x.code)));
      },
      [&](const msg::room_up& x) { log.push_back("room " + x.name); },
      [&](const msg::room_down& x) { log.push_back("no room " + x.name); });
  std::sort(log.begin(), log.end());
  CAF_CHECK_EQUAL(log, (strings{"down alice 1001", "no room lobby",
                                "room lobby", "up alice"}));
}

CAF_TEST(looking up what is not there is an error) {
  ask<caf::actor>(server.registry(), msg::lookup{"nobody"});
  CAF_CHECK(failure == errc::no_such_name);
}

CAF_TEST_FIXTURE_SCOPE_END()
