#define CAF_SUITE actors.publisher

#include "troupe/publisher.hpp"

#include "support/cluster_stage.hpp"
#include "support/fake_event_loops.hpp"
#include "support/fixture.hpp"

#include <caf/send.hpp>

#include <functional>
#include <memory>

using namespace troupe;
using test::strings;

namespace {

/// Sent to a game. Makes it publish a message.
struct move_made {
  std::function<void(const publisher&)> f;
};

/// A game that is a member of a room.
class game final : public caf::event_based_actor {
public:
  game(caf::actor_config& cfg, caf::actor registry,
       std::shared_ptr<strings> heard, troupe::config settings)
    : caf::event_based_actor(cfg),
      out_(*this, registry, settings),
      heard_(std::move(heard)) {
    send(registry, msg::join{"game", nullptr});
  }

  caf::behavior make_behavior() override {
    return {
      [this](const move_made& x) { x.f(out_); },
      [this](const msg::deliver& x) {
        x.messages.for_each(id(), [this](const frame& message) {
          heard_->emplace_back(message.payload());
        });
      },
      [](const msg::joined&) {},
      [](const msg::room_down&) {},
    };
  }

private:
  publisher out_;
  std::shared_ptr<strings> heard_;
};

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(move_made)

namespace {

struct fixture : test_coordinator_fixture<test::test_config> {
  fixture() {
    server.core->add(test::obey_clients);
    settle();
    for (auto* x : {&alice, &bob})
      x->say("m:join;0;game");
    settle();
  }

  ~fixture() {
    caf::anon_send_exit(player, caf::exit_reason::user_shutdown);
    caf::anon_send(server.registry(), actors::stop{std::chrono::seconds{1}});
    settle();
    advance_time(std::chrono::seconds{2});
    settle();
  }

  void settle() {
    while (event_loops[0].run() || event_loops[1].run() || run() > 0)
      ;
  }

  /// Makes the game publish a message.
  void play(std::function<void(const publisher&)> f) {
    caf::anon_send(player, move_made{std::move(f)});
    settle();
  }

  caf::actor spawn_game(config settings = {}) {
    return sys.spawn<game>(server.registry(), heard, std::move(settings));
  }

  test::fake_event_loops event_loops{sys, 2};
  test::stage server{sys, {}, event_loops.all()};
  std::shared_ptr<strings> heard = std::make_shared<strings>();
  test::fake_client alice = server.connect("alice");
  test::fake_client bob = server.connect("bob"); // on the other thread
  caf::actor player = spawn_game();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(publisher_tests, fixture)

CAF_TEST(C58 an actor tells one of its room and all in that order) {
  play([](const publisher& out) {
    for (int i = 0; i < 3; ++i) {
      CAF_CHECK(!out.to_connection("bob").emit("seated", i));
      CAF_CHECK(!out.to_room("game").emit("state", i));
      CAF_CHECK(!out.to(all).emit("news", i));
      out.to("bob").emit_message("plain");
    }
  });
  strings to_alice;
  strings to_bob;
  for (auto i : {"0", "1", "2"}) {
    to_bob.push_back(std::string{"m:seated;1;"} + i);
    for (auto* who : {&to_alice, &to_bob}) {
      who->push_back(std::string{"m:state;1;"} + i);
      who->push_back(std::string{"m:news;1;"} + i);
    }
    to_bob.push_back("plain");
  }
  CAF_CHECK_EQUAL(alice.heard(), to_alice);
  CAF_CHECK_EQUAL(bob.heard(), to_bob);
}

CAF_TEST(C50 an actor leaves itself out of what it says in its room) {
  play([](const publisher& out) {
    out.to_room("game").emit("heard");
    out.to_room("game").except_me().emit("told");
    out.to(recipient::any("game")).except_me().emit("told");
    out.to(broadcast).emit("news");
  });
  CAF_CHECK_EQUAL(*heard, strings{"m:heard;0;"});
  CAF_CHECK_EQUAL(alice.heard(), (strings{"m:heard;0;", "m:told;0;",
                                          "m:told;0;", "m:news;0;"}));
}

CAF_TEST(an actor is told what cannot be sent) {
  play([](const publisher& out) {
    CAF_CHECK(out.to_room("game").emit(std::string{"a;b"})
              == errc::invalid_event_name);
    CAF_CHECK(!out.to_room("nowhere").emit("lost"));
    CAF_CHECK(!out.to_connection("nobody").emit("lost"));
  });
  CAF_CHECK_EQUAL(alice.heard(), strings{});
}

CAF_TEST(C2 C11 an actor speaks as the settings say) {
  caf::anon_send_exit(player, caf::exit_reason::user_shutdown);
  player = spawn_game({.event_prefix = "x:", .binary_messages = true});
  settle();
  alice.socket->take_wire();
  play([](const publisher& out) { out.to_room("game").emit("hi"); });
  CAF_CHECK_EQUAL(alice.heard(), strings{"x:hi;0;"});
  auto wire = alice.socket->take_wire();
  CAF_REQUIRE_EQUAL(wire.size(), 1u);
  CAF_CHECK_EQUAL(static_cast<uint8_t>(wire[0][0]), 0x82u);
}

CAF_TEST(what an actor says after the end of the server is dropped) {
  caf::anon_send(server.registry(), actors::stop{std::chrono::seconds{1}});
  settle();
  play([](const publisher& out) { CAF_CHECK(!out.to(all).emit("late")); });
  CAF_CHECK_EQUAL(alice.heard(), strings{});
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

struct two_nodes : test_coordinator_fixture<test::test_config> {
  ~two_nodes() {
    cluster.stop();
    run();
  }

  test::cluster_stage cluster{sys, 2};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(publisher_node_tests, two_nodes)

CAF_TEST(C58 an actor speaks to clients of other nodes in that order) {
  auto alice = cluster[0].connect("alice");
  auto bob = cluster[1].connect("bob");
  run();
  for (auto* x : {&alice, &bob})
    x->say("m:join;0;game");
  auto heard = std::make_shared<strings>();
  auto player = sys.spawn<game>(cluster[0].registry(), heard, config{});
  run();
  caf::anon_send(player, move_made{[](const publisher& out) {
                   for (int i = 0; i < 3; ++i) {
                     out.to_connection("bob").emit("seated", i);
                     out.to_room("game").except_me().emit("state", i);
                     out.to(all).emit("news", i);
                   }
                 }});
  run();
  strings expected;
  for (auto i : {"0", "1", "2"})
    for (auto x : {"m:seated;1;", "m:state;1;", "m:news;1;"})
      expected.push_back(std::string{x} + i);
  CAF_CHECK_EQUAL(bob.heard(), expected);
  CAF_CHECK_EQUAL(alice.heard().size(), 6u);
  CAF_CHECK_EQUAL(*heard, strings{});
  caf::anon_send_exit(player, caf::exit_reason::user_shutdown);
  run();
}

CAF_TEST_FIXTURE_SCOPE_END()
