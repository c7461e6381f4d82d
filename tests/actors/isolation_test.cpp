#define CAF_SUITE actors.isolation

#include "actors/server_publisher.hpp"
#include "support/break_down.hpp"
#include "support/fixture.hpp"

#include <new>
#include <stdexcept>

using namespace troupe;
using test::strings;

/// Only the actor that fails ends; actors that run user code survive its errors
/// (C48).

namespace {

struct fixture : test::fixture {
  caf::actor spawn_idle() {
    return sys.spawn(
      []() -> caf::behavior { return {[](const msg::joined&) {}}; });
  }

  caf::event_based_actor* local(const caf::actor& x) {
    return dynamic_cast<caf::event_based_actor*>(
      caf::actor_cast<caf::abstract_actor*>(x));
  }

  void kill(const caf::actor& x) {
    self->send_exit(x, caf::exit_reason::kill);
    run();
  }

  /// Connects a client that notes its errors and its end.
  test::fake_client watched(std::function<void(connection&)> f,
                            std::string id = "alice") {
    return connect_with(
      [this, f](connection& c) {
        c.on_error([this](connection&, const caf::error& x) {
          note(x == errc::handler_failed ? "failed" : what(x));
        });
        c.on_leave(
          [this](connection&, const std::string& x) { note("left " + x); });
        c.on_disconnect(
          [this](connection&, const close_info&) { note("over"); });
        f(c);
      },
      std::move(id));
  }

  uint64_t failures() {
    return server.core->stats.handler_failures;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(isolation_tests, fixture)

CAF_TEST(a kill of a linked bot leaves the registry and the room alive) {
  auto alice = member("alice", "lobby");
  auto room = ask<caf::actor>(server.registry(), msg::lookup{"lobby"});
  auto bot = spawn_idle();
  auto helper = spawn_idle();
  local(bot)->link_to(server.registry());
  local(bot)->link_to(room);
  local(helper)->link_to(bot);
  kill(helper);
  say(alice, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"hi"});
  CAF_CHECK_EQUAL(connection_count(), 1u);
}

CAF_TEST(a kill sent to the registry or to a room is ignored) {
  auto alice = member("alice", "lobby");
  auto room = ask<caf::actor>(server.registry(), msg::lookup{"lobby"});
  for (const auto& x : {server.registry(), room}) {
    kill(x);
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    run();
  }
  say(alice, R"(m:room;4;["lobby","hi"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"hi"});
}

CAF_TEST(a kill of an actor linked to a connection ends it in good order) {
  caf::actor helper = spawn_idle();
  auto alice = watched([&](connection& c) { c.self().link_to(helper); });
  kill(helper);
  CAF_CHECK_EQUAL(notes, strings{"over"});
  CAF_CHECK(alice.socket->code() == close_code::going_away);
}

CAF_TEST(a delivery that throws ends that member alone) {
  auto alice = member("alice", "lobby");
  auto bob = member("bob", "lobby");
  auto carol = member("carol", "lobby");
  bob.socket->breaks = true;
  for (auto message : {R"(m:room;4;["lobby","hi"])", "m:all;0;ho"}) {
    say(alice, message);
    CAF_CHECK(bob.socket->closed());
  }
  CAF_CHECK_EQUAL(carol.heard(), (strings{"hi", "ho"}));
  CAF_CHECK_EQUAL(room_size("lobby"), 2u);
  CAF_CHECK_EQUAL(connection_count(), 2u);
}

CAF_TEST(a fast path that throws ends that member alone) {
  struct : actors::direct_receiver {
    bool try_deliver(const batch&, const std::string&) override {
      throw std::bad_alloc{};
    }
    bool try_confirm(msg::confirmed) override {
      return false;
    }
  } broken;
  auto alice = connect("alice");
  auto bob = connect("bob");
  actors::member_list members;
  members.add({bob.actor, &broken});
  members.add({alice.actor, nullptr});
  batch messages{{{frame::text("hi")}}};
  sys.spawn([&](caf::event_based_actor* room) {
    actors::deliver_all(room->ctrl(), members, messages, "lobby");
  });
  run();
  CAF_CHECK_EQUAL(alice.heard(), strings{"hi"});
  CAF_CHECK(bob.socket->closed());
  CAF_CHECK_EQUAL(connection_count(), 1u);
}

CAF_TEST(C48 a continuation that throws is a handler that throws) {
  auto registry = server.registry();
  auto alice = watched([&](connection& c) {
    auto fail = [](uint64_t) { throw std::runtime_error{"no"}; };
    c.on("then", [=](connection& me) {
      me.self()
        .request(registry, caf::infinite, msg::total_connections{})
        .then(fail);
    });
    c.on("await", [=](connection& me) {
      me.self()
        .request(registry, caf::infinite, msg::total_connections{})
        .await(fail);
    });
    c.on("hi", [](connection& me) { me.emit_message("hi"); });
  });
  say(alice, "m:then;0;");
  say(alice, "m:await;0;");
  say(alice, "m:hi;0;");
  CAF_CHECK_EQUAL(notes, (strings{"failed", "failed"}));
  CAF_CHECK_EQUAL(failures(), 2u);
  CAF_CHECK_EQUAL(alice.heard(), strings{"hi"});
  alice.hang_up();
  run();
  CAF_CHECK_EQUAL(notes, (strings{"failed", "failed", "over"}));
}

CAF_TEST(an on_connection that throws lets nobody in) {
  server.core->add([](connection& c) {
    if (c.id() == "alice") {
      c.join("lobby");
      throw std::runtime_error{"auth backend is down"};
    }
  });
  server.core->add([this](connection&) { note("came in"); });
  auto alice = connect("alice");
  CAF_CHECK_EQUAL(notes, strings{});
  CAF_CHECK(alice.socket->code() == close_code::internal_error);
  CAF_CHECK_EQUAL(alice.socket->credit(), 0u);
  CAF_CHECK_EQUAL(failures(), 1u);
  CAF_CHECK_EQUAL(connection_count(), 0u);
  CAF_CHECK_EQUAL(room_size("lobby"), 0u);
}

CAF_TEST(an on_connection that throws is told to on_error and the ends run once) {
  auto alice = watched([](connection& c) {
    c.join("lobby");
    throw std::runtime_error{"auth backend is down"};
  });
  CAF_CHECK_EQUAL(notes, (strings{"failed", "left lobby", "over"}));
  CAF_CHECK(alice.socket->code() == close_code::internal_error);
}

CAF_TEST(become and unbecome in a handler do no harm) {
  auto alice = watched([](connection& c) {
    c.on("become", [](connection& me) { me.self().become([](int) {}); });
    c.on("unbecome", [](connection& me) { me.self().unbecome(); });
    c.on("hi", [](connection& me) { me.emit_message("hi"); });
  });
  say(alice, "m:become;0;");
  say(alice, "m:hi;0;");
  say(alice, "m:unbecome;0;");
  say(alice, "m:hi;0;");
  CAF_CHECK_EQUAL(alice.heard(), (strings{"hi", "hi"}));
  alice.hang_up();
  run();
  CAF_CHECK_EQUAL(connection_count(), 0u);
}

CAF_TEST(a killed connection answers what waits in it and is freed) {
  auto alice = member("alice", "lobby");
  caf::actor_addr address = alice.actor.address();
  // The join arrives before the message to the room is confirmed.
  alice.say(R"(m:room;4;["lobby","hi"])");
  auto handle = self->request(alice.actor, caf::infinite,
                              msg::join{"attic", nullptr});
  while (sched.prioritize(alice.actor))
    sched.run_once();
  kill(alice.actor);
  CAF_REQUIRE(!self->mailbox().empty());
  caf::error why;
  handle.receive([] {}, [&](caf::error& x) { why = x; });
  CAF_CHECK(why == errc::already_disconnected);
  alice = {};
  run();
  CAF_CHECK(caf::actor_cast<caf::strong_actor_ptr>(address) == nullptr);
}

CAF_TEST(a registry that loses its publisher ends and its connections as ever) {
  auto announcer = actors::spawn_pinned<actors::server_publisher>(sys, nullptr,
                                                                  server.core);
  run();
  auto alice = watched([](connection& c) { c.join("lobby"); });
  run();
  test::break_down(announcer);
  run();
  CAF_CHECK(
    local(server.registry())->getf(caf::abstract_actor::is_terminated_flag));
  CAF_CHECK_EQUAL(notes, (strings{"left lobby", "over"}));
  CAF_CHECK(alice.socket->closed());
  CAF_CHECK_EQUAL(server.core->present.count(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
