#define CAF_SUITE actors.registry_actor

#include "actors/registry_actor.hpp"

#include "support/fixture.hpp"

#include <algorithm>

using namespace troupe;
using test::strings;

namespace {

struct fixture : test::fixture {
  strings ids_in(const std::string& room) {
    strings res;
    for (const auto& x : ask<std::vector<connection_info>>(
           server.registry(), msg::connections_by_room{room}))
      res.push_back(x.id);
    std::sort(res.begin(), res.end());
    return res;
  }

  /// Sends `what` to a connection by its id and awaits a `T`.
  template <class T, class Message>
  T ask_by_id(const std::string& id, Message what) {
    failure = caf::error{};
    return ask<T>(server.registry(), msg::forward{id, caf::make_message(what)});
  }

  /// Sends `what` to a connection by its id and awaits an empty response.
  template <class Message>
  caf::error do_by_id(const std::string& id, Message what) {
    caf::error res;
    auto handle = self->request(server.registry(), caf::infinite,
                                msg::forward{id, caf::make_message(what)});
    run();
    handle.receive([] {}, [&](caf::error& err) { res = std::move(err); });
    return res;
  }

  bool is_in(const std::string& room, const std::string& id) {
    return ask_by_id<bool>(id, msg::is_joined{room});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(registry_tests, fixture)

CAF_TEST(C20 a connection is found by its id) {
  auto alice = connect("alice");
  auto found = ask<connection_info>(server.registry(),
                                    msg::connection{"alice"});
  CAF_CHECK_EQUAL(found.id, "alice");
  CAF_CHECK(found.handle == alice.actor);
  ask<connection_info>(server.registry(), msg::connection{"nobody"});
  CAF_CHECK(failure == errc::no_such_name);
}

CAF_TEST(C21 C23 C24 connections are listed and counted and known) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  auto all_of_them = ask<std::vector<connection_info>>(server.registry(),
                                                       msg::connections{});
  CAF_CHECK_EQUAL(all_of_them.size(), 2u);
  CAF_CHECK_EQUAL(connection_count(), 2u);
  CAF_CHECK(ask<bool>(server.registry(), msg::is_connected{"alice"}));
  alice.hang_up();
  run();
  CAF_CHECK(!ask<bool>(server.registry(), msg::is_connected{"alice"}));
  CAF_CHECK_EQUAL(connection_count(), 1u);
}

CAF_TEST(connections and rooms are listed in part and counted) {
  auto alice = member("alice", "lobby");
  auto bob = member("bob", "lobby");
  auto found = ask<std::vector<connection_info>>(
    server.registry(), actors::list_connections{{"lic", 5}});
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found[0].id, "alice");
  auto rooms = ask<std::vector<room_info>>(server.registry(),
                                           actors::list_rooms{{"", 5}});
  CAF_REQUIRE_EQUAL(rooms.size(), 1u);
  CAF_CHECK_EQUAL(rooms[0].name, "lobby");
  CAF_CHECK_EQUAL(server.core->stats.rooms, 1u);
  alice.hang_up();
  bob.hang_up();
  run();
  CAF_CHECK_EQUAL(server.core->stats.rooms, 0u);
}

CAF_TEST(a connection describes itself) {
  auto alice = member("alice", "lobby");
  auto found = ask<actors::connection_state>(alice.actor,
                                             actors::query_state{});
  CAF_CHECK_EQUAL(found.rooms, 1u);
  CAF_CHECK_EQUAL(found.socket.queued_bytes, 0u);
}

CAF_TEST(C22 the connections of a room are listed and other members are not) {
  auto alice = member("alice", "lobby");
  auto bob = member("bob", "lobby");
  auto carol = connect("carol");
  self->send(server.registry(), msg::join{"lobby", self});
  run();
  CAF_CHECK_EQUAL(ids_in("lobby"), (strings{"alice", "bob"}));
  CAF_CHECK_EQUAL(ids_in("nowhere"), strings{});
  bob.hang_up();
  run();
  CAF_CHECK_EQUAL(ids_in("lobby"), strings{"alice"});
}

CAF_TEST(C42 an id answers like a room of one) {
  auto alice = connect("alice");
  auto bob = connect("bob");
  CAF_CHECK_EQUAL(ids_in("alice"), strings{"alice"});
  CAF_CHECK(is_in("alice", "alice"));
  CAF_CHECK(!is_in("alice", "bob"));
  CAF_CHECK(!ask_by_id<bool>("alice", msg::leave{"alice", nullptr}));
  CAF_CHECK_EQUAL(ids_in("alice"), strings{"alice"});
}

CAF_TEST(C25 C26 C27 a connection is moved by its id) {
  auto alice = connect("alice");
  CAF_CHECK(!is_in("lobby", "alice"));
  CAF_CHECK(!do_by_id("alice", msg::join{"lobby", nullptr}));
  CAF_CHECK(is_in("lobby", "alice"));
  CAF_CHECK_EQUAL(ids_in("lobby"), strings{"alice"});
  CAF_CHECK(ask_by_id<bool>("alice", msg::leave{"lobby", nullptr}));
  CAF_CHECK(!is_in("lobby", "alice"));
  CAF_CHECK_EQUAL(ids_in("lobby"), strings{});
  // Only a member can leave.
  CAF_CHECK(!ask_by_id<bool>("alice", msg::leave{"lobby", nullptr}));
  CAF_CHECK(!ask_by_id<bool>("nobody", msg::leave{"lobby", nullptr}));
  CAF_CHECK(!is_in("lobby", "nobody"));
}

CAF_TEST(C26 an answer to a join comes when the room knows) {
  auto alice = connect("alice");
  auto handle = self->request(
    server.registry(), caf::infinite,
    msg::forward{"alice", caf::make_message(msg::join{"lobby", nullptr})});
  while (self->mailbox().empty())
    sched.run_once();
  handle.receive([] {}, [](caf::error&) { CAF_ERROR("refused"); });
  CAF_CHECK_EQUAL(ids_in("lobby"), strings{"alice"});
}

CAF_TEST(C28 a connection leaves all rooms by its id) {
  auto alice = member("alice", "lobby");
  say(alice, "m:join;0;attic");
  CAF_CHECK(!do_by_id("alice", msg::leave_all{}));
  CAF_CHECK_EQUAL(ids_in("lobby"), strings{});
  CAF_CHECK_EQUAL(ids_in("attic"), strings{});
  CAF_CHECK(!do_by_id("nobody", msg::leave_all{}));
}

CAF_TEST(C29 a connection is ended by its id and an unknown id is no error) {
  auto alice = connect("alice");
  CAF_CHECK(!do_by_id("nobody", msg::disconnect{}));
  self->send(server.registry(),
             msg::forward{"alice", caf::make_message(msg::disconnect{
                                     close_code::policy_violation, "enough"})});
  auto second = self->request(
    server.registry(), caf::infinite,
    msg::forward{"alice", caf::make_message(msg::disconnect{})});
  caf::error err;
  run();
  second.receive([] {}, [&](caf::error& x) { err = std::move(x); });
  CAF_CHECK(err == errc::already_disconnected);
  CAF_CHECK(alice.socket->code() == close_code::policy_violation);
  CAF_CHECK(!do_by_id("alice", msg::disconnect{})); // It has ended.
}

CAF_TEST(C30 joining by an unknown id is refused and leaves no trace) {
  CAF_CHECK(do_by_id("nobody", msg::join{"lobby", nullptr})
            == errc::no_such_name);
  CAF_CHECK_EQUAL(room_size("lobby"), 0u);
  // The original kept the membership for the next connection with the id.
  auto nobody = connect("nobody");
  CAF_CHECK(!is_in("lobby", "nobody"));
}

CAF_TEST(C30 a join under way when its connection ends is no membership) {
  auto alice = connect("alice");
  self->send(server.registry(),
             msg::forward{"alice",
                          caf::make_message(msg::join{"lobby", nullptr})});
  alice.hang_up();
  run();
  CAF_CHECK_EQUAL(room_size("lobby"), 0u);
  auto again = connect("alice");
  CAF_CHECK(!is_in("lobby", "alice"));
}

CAF_TEST(C50 no command by id makes a room of a reserved name) {
  auto alice = connect("alice");
  for (std::string bad : {std::string{}, std::string{";to;all;except;me;"},
                          std::string(256, 'x')})
    CAF_CHECK(do_by_id("alice", msg::join{bad, nullptr})
              == errc::reserved_name);
}

CAF_TEST(who joins while the server stops is told so) {
  auto alice = connect("alice"); // keeps the registry for a moment
  self->send(server.registry(), actors::stop{std::chrono::seconds{1}});
  self->send(server.registry(), msg::join{"lobby", self});
  run();
  self->receive([](const msg::join_refused& x) {
    CAF_CHECK(x.reason == errc::already_disconnected);
  });
}

CAF_TEST(C31 a newer connection takes over the id of an older one) {
  server.core->settings.on_id_conflict = id_conflict::replace_old;
  server.core->add([this](connection& c) {
    c.on_disconnect([this](connection& me, const close_info& x) {
      note(me.id() + " " + x.reason);
    });
  });
  auto old_alice = member("alice", "lobby");
  auto new_alice = connect("alice");
  CAF_CHECK(!new_alice.socket->closed());
  CAF_CHECK(old_alice.socket->code() == close_code::policy_violation);
  CAF_CHECK_EQUAL(notes, strings{"alice replaced by a newer one"});
  // The end of the old connection has not affected the new one.
  CAF_CHECK_EQUAL(connection_count(), 1u);
  CAF_CHECK_EQUAL(ids_in("lobby"), strings{});
  auto bob = connect("bob");
  say(bob, R"(m:to;4;["alice","hello"])");
  CAF_CHECK_EQUAL(new_alice.heard(), strings{"hello"});
  CAF_CHECK_EQUAL(old_alice.heard(), strings{});
  say(new_alice, "m:join;0;lobby");
  CAF_CHECK_EQUAL(ids_in("lobby"), strings{"alice"});
  new_alice.hang_up();
  run();
  CAF_CHECK_EQUAL(connection_count(), 1u);
}

CAF_TEST(C31 a room does not make an id taken) {
  auto alice = member("alice", "lobby");
  auto lobby = connect("lobby");
  CAF_CHECK(!lobby.socket->closed());
  say(alice, R"(m:to;4;["lobby","for the id"])");
  say(alice, R"(m:room;4;["lobby","for the room"])");
  CAF_CHECK_EQUAL(lobby.heard(), strings{"for the id"});
  CAF_CHECK_EQUAL(alice.heard(), strings{"for the room"});
}

CAF_TEST(C41 an id does not make a room taken) {
  auto alice = connect("alice");
  auto bob = member("bob", "alice");
  CAF_CHECK_EQUAL(room_size("alice"), 1u);
  say(bob, R"(m:to;4;["alice","psst"])");
  say(alice, R"(m:room;4;["alice","hello"])");
  CAF_CHECK_EQUAL(alice.heard(), strings{"psst"});
  CAF_CHECK_EQUAL(bob.heard(), strings{"hello"});
}

CAF_TEST(C42 a room that looks like an id is refused) {
  auto id = "01234567-89ab-cdef-0123-456789abcdef@0a1b2c3d";
  auto alice = connect("alice");
  CAF_CHECK(do_by_id("alice", msg::join{id, nullptr}) == errc::reserved_name);
  CAF_CHECK_EQUAL(room_size(id), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
