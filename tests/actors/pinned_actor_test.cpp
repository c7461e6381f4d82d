#define CAF_SUITE actors.pinned_actor

#include "actors/pinned_actor.hpp"

#include "support/pinned_fixture.hpp"

#include <stdexcept>

using namespace troupe;
using test::strings;

namespace {

struct fixture : test::pinned_fixture {
  /// Registers "ask", which awaits a response of the test, and "note", which
  /// notes its argument.
  void await_us(connection& c) {
    c.on("ask", [this](connection& me) {
      me.self()
        .request(caf::actor_cast<caf::actor>(self), caf::infinite, 7)
        .await([this](int) { note("answer"); });
    });
    c.on("note", [this](const std::string& x) { note(x); });
  }
};

/// Skips all messages.
struct skipper final : actors::pinned_actor {
  using pinned_actor::pinned_actor;

  caf::behavior make_behavior() override {
    set_default_handler(caf::skip);
    return {[](const std::string&) {}};
  }
};

/// A socket that fails when it is granted credit again.
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

  void expire_at(std::chrono::system_clock::time_point) override {
  }

  std::chrono::system_clock::time_point expires_at() const noexcept override {
    return std::chrono::system_clock::time_point::max();
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
      CAF_CHECK(!dynamic_cast<actors::direct_receiver&>(*actor).try_deliver(
        messages, ""));
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
  settle(); // skips it, after which the mailbox is empty again
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
  CAF_CHECK(to.try_deliver(batch{{{frame::text("x")}}}, ""));
  self->send(alice.actor, msg::emit{frame::text("y")});
  CAF_CHECK(!to.try_deliver(batch{{{frame::text("too early")}}}, ""));
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
    !dynamic_cast<actors::direct_receiver&>(*actor).try_deliver(batch{}, ""));
  self->send(alice.actor, actors::socket_open{});
  settle();
  CAF_CHECK(
    dynamic_cast<actors::direct_receiver&>(*actor).try_deliver(batch{}, ""));
}

CAF_TEST_FIXTURE_SCOPE_END()
