#define CAF_SUITE actors.handler_actor

#include "actors/handler_actor.hpp"

#include "actors/connection_actor.hpp"
#include "support/fixture.hpp"

#include <stdexcept>

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

handler_actor& inside_of(connection& c) {
  return static_cast<connection_actor&>(c.self());
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(handler_actor_tests, test::fixture)

CAF_TEST(a callback that throws keeps no other one from being called) {
  auto alice = connect_with([this](connection& c) {
    c.on_leave([](connection&, const std::string&) {
      throw std::runtime_error{"oops"};
    });
    c.on_leave([this](connection&, const std::string& x) { note(x); });
    c.on("go", [](connection& me) {
      auto& impl = inside_of(me);
      impl.call(impl.handlers().leave, std::string{"lobby"});
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(notes, strings{"lobby"});
  CAF_CHECK_EQUAL(server.core->stats.handler_failures, 1u);
}

CAF_TEST(an event goes to all handlers of its name and a message to all others) {
  auto alice = connect_with([this](connection& c) {
    c.on("a", [this](const std::string& x) { note("1 " + x); });
    c.on("b", [this](const std::string& x) { note("2 " + x); });
    c.on("a", [this](const std::string& x) { note("3 " + x); });
    c.on_message([this](std::string_view x) { note("4 " + std::string{x}); });
    c.on("go", [](connection& me) {
      for (auto x : {"m:a;0;x", "x", "m:c;0;x"})
        inside_of(me).handle(frame::text(x));
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(notes, (strings{"1 x", "3 x", "4 x"}));
  CAF_CHECK_EQUAL(server.core->stats.unknown_events, 1u);
}

CAF_TEST(an on_error that throws is counted and not told of that) {
  auto alice = connect_with([this](connection& c) {
    c.on_error([this](connection&, const caf::error& x) {
      note(what(x));
      throw std::runtime_error{"again"};
    });
    c.on("go", [](connection& me) {
      inside_of(me).tell_error(make_error(errc::too_much_output));
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK_EQUAL(notes.size(), 1u);
  CAF_CHECK_EQUAL(server.core->stats.handler_failures, 1u);
}

CAF_TEST(a connection is usable in its own callbacks only) {
  auto bob = connect("bob");
  auto* other = static_cast<connection_actor*>(
    caf::actor_cast<caf::abstract_actor*>(bob.actor));
  auto alice = connect_with([&](connection& c) {
    c.on("go", [&](connection& me) {
      CAF_CHECK(static_cast<connection_actor&>(me.self()).is_usable_here());
      CAF_CHECK(!other->is_usable_here());
      note("done");
    });
  });
  say(alice, "m:go;0;");
  CAF_CHECK(!other->is_usable_here());
  CAF_CHECK_EQUAL(notes, strings{"done"});
}

CAF_TEST_FIXTURE_SCOPE_END()
