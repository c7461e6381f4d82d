#define CAF_SUITE actors.output_bounds

#include "actors/server_publisher.hpp"
#include "support/bounds_fixture.hpp"

#include <string>

using namespace troupe;
using test::strings;

/// The output of callbacks and of servers is bounded: docs/limits.md.

namespace {

struct fixture : test::bounds_fixture {
  /// Connects a client whose handlers send a thousand messages of 1000 bytes.
  test::fake_client babbling() {
    return connect_with([this](connection& c) {
      c.on_error([this](connection& me, const caf::error& x) {
        note(what(x));
        me.to_room("lobby").emit_message("no more");
      });
      c.on("babble", [](connection& me) {
        for (auto i = 0; i < 1000; ++i)
          me.to_room("lobby").emit_message(std::string(1000, 'x'));
      });
      c.on("babble to me", [](connection& me) {
        for (auto i = 0; i < 1000; ++i)
          me.emit_message(std::string(1000, 'x'));
      });
    });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(output_bounds_tests, fixture)

// -- output of callbacks ------------------------------------------------------

CAF_TEST(a callback that sends without end ends its connection) {
  settings().max_output_bytes = 100'000;
  auto bob = member("bob", "lobby");
  auto alice = babbling();
  say(alice, "m:babble;0;");
  CAF_CHECK_EQUAL(notes, strings{"a handler sent too much"});
  CAF_CHECK(alice.socket->code() == close_code::try_again_later);
  CAF_CHECK_EQUAL(alice.socket->reason(), "too much output");
  auto heard = bob.heard().size();
  CAF_CHECK(50 < heard && heard < 100);
  CAF_CHECK_EQUAL(stats().output_dropped, 1001 - heard);
}

CAF_TEST(or loses what is too much and lives) {
  settings().max_output_bytes = 100'000;
  settings().on_overflow = overflow::drop_newest;
  auto bob = member("bob", "lobby");
  auto alice = babbling();
  for (auto i = 1; i <= 2; ++i) { // Each callback has its own budget.
    say(alice, "m:babble;0;");
    auto heard = bob.heard().size();
    CAF_CHECK(50 < heard && heard < 100);
    CAF_CHECK_EQUAL(notes.size(), i + 0u);
  }
  CAF_CHECK(!alice.socket->closed());
}

CAF_TEST(what waits since earlier callbacks counts as well) {
  settings().max_output_bytes = 100'000;
  settings().on_overflow = overflow::drop_newest;
  auto alice = babbling();
  alice.say(R"(m:room;4;["lobby","x"])");
  for (auto i = 0; i < 3; ++i) // without deliveries in between
    alice.say("m:babble to me;0;");
  while (sched.prioritize(alice.actor))
    sched.run_once();
  CAF_CHECK_EQUAL(notes.size(), 3u);
  run();
  auto heard = alice.heard().size();
  CAF_CHECK(50 < heard && heard < 100);
  CAF_CHECK_EQUAL(stats().output_dropped, 3003 - heard);
}

CAF_TEST(a callback may send one message of any size) {
  settings().max_output_bytes = 100;
  auto bob = member("bob", "lobby");
  auto alice = babbling();
  say(alice, R"(m:room;4;["lobby",")" + std::string(600, 'x') + "\"]");
  CAF_CHECK_EQUAL(bob.heard().size(), 1u);
  CAF_CHECK_EQUAL(stats().output_dropped, 0u);
}

CAF_TEST(what goes straight to the own client is for its queue to bound) {
  settings().max_output_bytes = 100'000;
  auto alice = babbling();
  say(alice, "m:babble to me;0;");
  CAF_CHECK_EQUAL(alice.heard().size(), 1000u);
  CAF_CHECK_EQUAL(stats().output_dropped, 0u);
}

CAF_TEST(a callback that joins and leaves without end is stopped) {
  settings().max_output_bytes = 10'000;
  auto alice = connect_with([](connection& c) {
    c.on("go", [](connection& me) {
      caf::error err;
      for (auto i = 0; i < 1000 && !err; ++i) {
        err = me.join(std::to_string(i));
        me.leave(std::to_string(i));
      }
      CAF_CHECK(err == errc::too_much_output);
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK(alice.socket->closed());
}

// -- output of servers --------------------------------------------------------

CAF_TEST(what a server says in its own name is bounded as well) {
  settings().max_output_bytes = 100'000;
  auto alice = member("alice", "lobby");
  auto announcer = actors::spawn_pinned<actors::server_publisher>(sys, nullptr,
                                                                  server.core);
  run();
  actors::server_target publish_target{server.core, announcer};
  for (auto i = 1; i <= 2; ++i) {
    for (auto j = 0; j < 1000; ++j)
      publish_target.send_to(recipient::room("lobby"),
                             frame::text(std::string(1000, 'x')));
    run();
    CAF_CHECK_EQUAL(alice.heard().size(), 79u); // 1000 bytes and 256 each
    CAF_CHECK_EQUAL(stats().output_dropped, i * 921u);
  }
}

CAF_TEST(so is what it has to do and to find out for its users) {
  settings().max_output_bytes = 100'000;
  auto alice = connect("alice");
  auto announcer = actors::spawn_pinned<actors::server_publisher>(sys, nullptr,
                                                                  server.core);
  run();
  auto join = [](size_t i) {
    return msg::forward{
      "alice", caf::make_message(msg::join{"r" + std::to_string(i % 10), {}})};
  };
  for (uint64_t round = 1; round <= 2; ++round) {
    for (size_t i = 0; i < 1000; ++i)
      caf::anon_send(announcer, join(i));
    auto last = self->request(announcer, caf::infinite, join(0));
    run();
    // 256 bytes and two names each
    CAF_CHECK_EQUAL(stats().output_dropped, round * (1001 - 380));
    last.receive([] { CAF_ERROR("joined"); },
                 [](caf::error& x) { CAF_CHECK(x == errc::too_much_output); });
  }
  CAF_CHECK_EQUAL(room_size("r9"), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
