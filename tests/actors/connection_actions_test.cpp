#define CAF_SUITE actors.connection_actions

#include "actors/connection_actions.hpp"

#include "actors/connection_actor.hpp"
#include "support/fixture.hpp"

#include <functional>

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

struct fixture : test::fixture {
  /// Connects alice, whose event "go" calls `f` with the actions of her
  /// connection.
  void connect_alice(std::function<void(connection_actions&)> f) {
    alice = connect_with([this, f](connection& c) {
      c.on("go", [this, f](connection& me) {
        auto& impl = static_cast<connection_actor&>(me.self());
        f(impl.actions());
      });
      c.on_error([this](connection&, const caf::error& x) { note(what(x)); });
      c.on_leave(
        [this](connection&, const std::string& x) { note("leave " + x); });
    });
  }

  void go() {
    say(alice, "m:go;0;");
  }

  test::fake_client alice;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(connection_actions_tests, fixture)

CAF_TEST(once the end has begun only messages are sent) {
  connect_alice([](connection_actions& actions) {
    CAF_CHECK(!actions.is_ending());
    CAF_CHECK(!actions.disconnect(close_code::normal, ""));
    CAF_CHECK(actions.is_ending());
    CAF_CHECK(actions.disconnect(close_code::normal, "")
              == errc::already_disconnected);
    CAF_CHECK(actions.join("lobby") == errc::already_disconnected);
    CAF_CHECK(actions.send_to_self(frame::text("raw"))
              == errc::already_disconnected);
    actions.send_to(recipient::connection("bob"), frame::text("bye"));
  });
  auto bob = connect("bob");
  go();
  CAF_CHECK_EQUAL(bob.heard(), strings{"bye"});
  CAF_CHECK(alice.socket->closed());
  CAF_CHECK_EQUAL(room_size("lobby"), 0u);
}

CAF_TEST(what is to oneself skips oneself if the sender is left out) {
  connect_alice([](connection_actions& actions) {
    actions.send_to(recipient::connection("alice"), frame::text("1"));
    actions.send_to({recipient::kind::connection, "alice", true},
                    frame::text("2"));
    actions.send_to({recipient::kind::any, "alice", false}, frame::text("3"));
  });
  go();
  CAF_CHECK_EQUAL(alice.heard(), (strings{"1", "3"}));
}

CAF_TEST(a connection is in the room of its own id and in no other by itself) {
  connect_alice([](connection_actions& actions) {
    CAF_CHECK(actions.is_member("alice"));
    CAF_CHECK(!actions.is_member("lobby"));
    CAF_CHECK(!actions.join("alice"));
    CAF_CHECK(!actions.leave("alice"));
    CAF_CHECK_EQUAL(actions.room_names(), strings{});
  });
  go();
  CAF_CHECK_EQUAL(notes, strings{});
}

CAF_TEST(leaving all rooms calls on_leave for each) {
  connect_alice([](connection_actions& actions) {
    CAF_CHECK(!actions.join("attic"));
    CAF_CHECK(!actions.join("lobby"));
    CAF_CHECK(!actions.join("lobby"));
    CAF_CHECK_EQUAL(actions.room_names(), (strings{"attic", "lobby"}));
    actions.leave_all();
    CAF_CHECK_EQUAL(actions.room_names(), strings{});
  });
  go();
  CAF_CHECK_EQUAL(notes, (strings{"leave attic", "leave lobby"}));
  CAF_CHECK_EQUAL(room_size("lobby"), 0u);
}

CAF_TEST(what is sent into rooms waits to be confirmed before the client gets more) {
  auto was_done = false;
  connect_alice([&](connection_actions& actions) {
    actions.join("lobby");
    actions.emit_to_self(frame::text("after the join"));
    was_done = actions.is_done();
  });
  go();
  CAF_CHECK(!was_done);
  CAF_CHECK_EQUAL(alice.heard(), strings{"after the join"});
}

CAF_TEST(a callback that sends too much is told once and loses the rest) {
  server.core->settings.max_output_bytes = 1000;
  server.core->settings.on_overflow = overflow::drop_newest;
  connect_alice([](connection_actions& actions) {
    for (auto i = 0; i < 10; ++i)
      actions.send_to(recipient::connection("bob"), frame::text("x"));
  });
  auto bob = connect("bob");
  go();
  CAF_CHECK_EQUAL(bob.heard().size(), 3u); // Each takes 257 bytes.
  CAF_CHECK_EQUAL(notes.size(), 1u);
  CAF_CHECK_EQUAL(server.core->stats.output_dropped, 7u);
  go();
  CAF_CHECK_EQUAL(bob.heard().size(), 3u);
}

CAF_TEST_FIXTURE_SCOPE_END()
