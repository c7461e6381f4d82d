#define CAF_SUITE actors.pinned_actor

#include "actors/pinned_actor.hpp"

#include "support/fake_event_loop.hpp"
#include "support/fixture.hpp"
#include "support/room_on.hpp"

#include <stdexcept>

using namespace troupe;
using test::strings;

namespace {

/// A server whose actors are all pinned to the test's thread.
struct fixture : test_coordinator_fixture<test::test_config> {
  fixture() {
    server.core->add(test::obey_clients);
  }

  ~fixture() {
    caf::anon_send(server.registry(), actors::stop{std::chrono::seconds{1}});
    settle();
    advance_time(std::chrono::seconds{2}); // For who does not end by itself.
    settle();
  }

  void settle() {
    while (event_loop.run() || run() > 0)
      ;
  }

  test::fake_client connect(std::string id) {
    auto res = server.connect(std::move(id));
    settle();
    return res;
  }

  test::fake_client connect_with(std::function<void(connection&)> f) {
    server.core->add(std::move(f));
    return connect("alice");
  }

  /// Lets a client have its handler await our answer, and note what it says.
  void await_us(connection& c) {
    c.on("ask", [this](connection& me) {
      me.self()
        .request(caf::actor_cast<caf::actor>(self), caf::infinite, 7)
        .await([this](int) { note("answer"); });
    });
    c.on("note", [this](const std::string& x) { note(x); });
  }

  bool is_alive(const caf::actor& who) {
    return !caf::actor_cast<caf::abstract_actor*>(who)->getf(
      caf::abstract_actor::is_terminated_flag);
  }

  void note(std::string x) {
    notes.push_back(std::move(x));
  }

  test::fake_event_loop event_loop{sys};
  strings notes;
  test::stage server{sys, {}, {&event_loop}};
};

/// The same on two threads; the registry and the first client are on one.
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
  test::fake_event_loop event_loop{sys}; ///< Where the test is.
  test::stage server{sys, {}, {&event_loop, &other}};
};

/// Puts off whatever it gets.
struct skipper final : actors::pinned_actor {
  using pinned_actor::pinned_actor;

  caf::behavior make_behavior() override {
    set_default_handler(caf::skip);
    return {[](const std::string&) {}};
  }
};

/// A socket that fails when it is to read on.
struct broken_socket final : actors::lower_layer {
  actors::send_status send(slice) override {
    return actors::send_status::queued;
  }

  void grant(uint32_t) override {
    if (++grants > 1)
      throw std::runtime_error("broken");
  }

  void close(close_code, std::string_view) override {
    ++closes;
  }

  const std::string& subprotocol() const noexcept override {
    static const std::string none;
    return none;
  }

  int grants = 0;
  int closes = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pinned_tests, fixture)

// -- the fast path in ---------------------------------------------------------

CAF_TEST(an idle connection handles a message of its client at once) {
  auto alice = connect("alice");
  alice.say("m:self;0;x");
  CAF_CHECK_EQUAL(alice.heard(), strings{"x"});
  CAF_CHECK_EQUAL(alice.socket->credit(),
                  server.core->settings.inbound_credit + 1);
  CAF_CHECK(!event_loop.run());
}

CAF_TEST(on another thread it gets a message) {
  auto alice = connect("alice");
  event_loop.leave();
  alice.say("m:self;0;x");
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  event_loop.enter();
  settle();
  CAF_CHECK_EQUAL(alice.heard(), strings{"x"});
}

CAF_TEST(invariant 2 nothing overtakes what waits in the mailbox) {
  auto alice = connect("alice");
  self->send(alice.actor, msg::emit{frame::text("1")});
  alice.say("m:self;0;2");
  alice.say("m:self;0;3");
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  settle();
  alice.say("m:self;0;4");
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "2", "3", "4"}));
}

CAF_TEST(C33 what a socket reads during a handler waits for its end) {
  test::fake_client alice;
  server.core->add([&](connection& c) {
    c.on("outer", [&] {
      note("outer begins");
      alice.say("m:inner;0;");
      note("outer ends");
    });
    c.on("inner", [&] { note("inner"); });
  });
  alice = connect("alice");
  alice.say("m:outer;0;");
  settle();
  CAF_CHECK_EQUAL(notes, (strings{"outer begins", "outer ends", "inner"}));
}

CAF_TEST(invariant 2 what is delivered during a handler waits for its end) {
  test::fake_client alice;
  server.core->add([&](connection& c) {
    c.on("x", [&](connection& me) {
      auto* actor = caf::actor_cast<caf::abstract_actor*>(me.handle());
      batch messages{{{frame::text("y")}}};
      CAF_CHECK(
        !dynamic_cast<actors::direct_receiver&>(*actor).try_deliver(messages));
    });
  });
  alice = connect("alice");
  alice.say("m:x;0;");
}

CAF_TEST(C48 a handler that throws is the end of nothing) {
  auto alice = connect_with([this](connection& c) {
    c.on("oops", [] { throw std::runtime_error("oops"); });
    c.on_error([this](connection&, const caf::error& x) { note(what(x)); });
  });
  alice.say("m:oops;0;");
  CAF_CHECK_EQUAL(notes.size(), 1u);
  alice.say("m:self;0;on");
  CAF_CHECK_EQUAL(alice.heard(), strings{"on"});
}

CAF_TEST(an exception of ours ends that connection in good order) {
  server.core->add([this](connection& c) {
    c.on_disconnect([this](connection&, const close_info& x) {
      CAF_CHECK(x.code == close_code::internal_error);
      note("over");
    });
  });
  auto socket = std::make_shared<broken_socket>();
  auto alice = actors::spawn_pinned<actors::connection_actor>(
    sys, &event_loop, server.core, "alice", troupe::request{}, socket);
  settle();
  auto upper_layer = actors::make_upper_layer(alice);
  upper_layer->on_frame(frame::text("x"));
  settle();
  CAF_CHECK_EQUAL(socket->closes, 1);
  CAF_CHECK_EQUAL(notes, strings{"over"});
  upper_layer->on_close({close_code::internal_error, "", false, {}});
  settle();
  CAF_CHECK(!is_alive(alice));
  CAF_CHECK_EQUAL(notes, strings{"over"});
}

CAF_TEST(C45 a client that ends itself is heard no more) {
  auto alice = connect_with([this](connection& c) {
    c.on_disconnect([this](connection&, const close_info&) { note("over"); });
  });
  alice.say("m:bye;0;");
  alice.say("m:self;0;late");
  CAF_CHECK(alice.socket->closed());
  settle();
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  CAF_CHECK_EQUAL(notes, strings{"over"});
  CAF_CHECK(!is_alive(alice.actor));
  alice.say("m:self;0;later");
}

CAF_TEST(a handler may quit) {
  auto alice = connect_with([](connection& c) {
    c.on("quit", [](connection& me) {
      me.self().quit(caf::exit_reason::user_shutdown);
    });
  });
  self->monitor(alice.actor);
  alice.say("m:quit;0;");
  CAF_CHECK(!is_alive(alice.actor));
  CAF_CHECK(alice.socket->closed());
  self->receive([](const caf::down_msg& x) {
    CAF_CHECK(x.reason == caf::exit_reason::user_shutdown);
  });
}

CAF_TEST(a handler may make the socket let go of its upper_layer) {
  test::fake_client alice;
  server.core->add([&](connection& c) {
    c.on("x", [&](connection& me) {
      alice.upper_layer.reset();
      me.emit_message("still here");
    });
  });
  alice = connect("alice");
  auto socket = alice.socket;
  alice.actor = nullptr;
  auto raw = alice.upper_layer.get();
  raw->on_frame(frame::text("m:x;0;"));
  CAF_CHECK_EQUAL(socket->take(), strings{"still here"});
}

CAF_TEST(in a handler CAF knows a message from nobody) {
  auto echo
    = sys.spawn([]() -> caf::behavior { return {[](int x) { return x; }}; });
  auto alice = connect_with([&](connection& c) {
    c.on("x", [&](connection& me) {
      CAF_CHECK(me.self().current_mailbox_element() != nullptr);
      CAF_CHECK(me.self().current_sender() == nullptr);
      CAF_CHECK(me.self().context() == &event_loop);
      CAF_CHECK(!me.self().make_response_promise().pending());
      me.self().request(echo, caf::infinite, 7).then([&](int x) {
        note(std::to_string(x));
      });
    });
  });
  alice.say("m:x;0;");
  settle();
  CAF_CHECK_EQUAL(notes, strings{"7"});
}

CAF_TEST(who awaits an answer hears nothing else before) {
  auto alice = connect_with([this](connection& c) { await_us(c); });
  alice.say("m:ask;0;");
  alice.say("m:note;0;1");
  settle(); // Skips it, after which the mailbox is empty again.
  alice.say("m:note;0;2");
  CAF_CHECK_EQUAL(notes, strings{});
  self->receive([](int x) { return x; });
  alice.say("m:note;0;3");
  settle();
  CAF_CHECK_EQUAL(notes, (strings{"answer", "1", "2", "3"}));
}

CAF_TEST(who awaits an answer has what is for its client delivered at once) {
  auto alice = connect_with([this](connection& c) { await_us(c); });
  alice.say("m:ask;0;");
  alice.say("m:note;0;1");
  settle();
  auto* actor = caf::actor_cast<caf::abstract_actor*>(alice.actor);
  auto& to = dynamic_cast<actors::direct_receiver&>(*actor);
  CAF_CHECK(to.try_deliver(batch{{{frame::text("x")}}}));
  self->send(alice.actor, msg::emit{frame::text("y")});
  CAF_CHECK(!to.try_deliver(batch{{{frame::text("too early")}}}));
  settle();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"x", "y"}));
  CAF_CHECK_EQUAL(notes, strings{});
  self->receive([](int x) { return x; });
  settle();
  CAF_CHECK_EQUAL(notes, (strings{"answer", "1"}));
}

CAF_TEST(who has put off messages is not idle) {
  auto actor = actors::spawn_pinned<skipper>(sys, &event_loop);
  auto& x = *caf::actor_cast<skipper*>(actor);
  CAF_CHECK(!x.idle_here());
  settle();
  CAF_CHECK(x.idle_here());
  self->send(actor, 1);
  settle();
  CAF_CHECK(!x.idle_here());
  self->send(actor, std::string{});
  settle();
  CAF_CHECK(!x.idle_here());
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  settle();
}

CAF_TEST(a connection without its socket hears nothing yet) {
  auto alice = server.connect("alice", "", actors::reading::when_told);
  settle();
  auto* actor = caf::actor_cast<caf::abstract_actor*>(alice.actor);
  CAF_CHECK(
    !dynamic_cast<actors::direct_receiver&>(*actor).try_deliver(batch{}));
  self->send(alice.actor, actors::socket_open{});
  settle();
  CAF_CHECK(
    dynamic_cast<actors::direct_receiver&>(*actor).try_deliver(batch{}));
}

// -- the fast path to a room and back -----------------------------------------

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
  event_loop.run_one(); // The registry, so that it waits in front of the room.
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
  alice.say("m:all;0;1"); // Delivered when this thread's turn ends.
  alice.say(R"(m:room;4;[")" + lobby + R"(","2"])");
  test::break_down(attic);
  while (event_loop.run_one())
    ; // Alice knows.
  other.run();
  settle();
  CAF_CHECK_EQUAL(bob.heard(), (strings{"1", "2"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
