#define CAF_SUITE net.server

#include "troupe/server.hpp"

#include "net/support/server_stage.hpp"
#include "support/break_down.hpp"
#include "troupe/log.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <future>

using namespace troupe;
using namespace std::chrono_literals;

using strings = std::vector<std::string>;

namespace {

using fixture = test::server_stage;

struct named : fixture {
  named() : fixture(named_by_target()) {
  }
};

/// A member of a room that rooms take for a connection, so relays deliver to
/// it. Notes which relay delivers.
class ear final : public actors::pinned_actor, public actors::direct_receiver {
public:
  ear(caf::actor_config& cfg, actors::event_loop* at,
      std::function<void(caf::actor)> tell)
    : pinned_actor(cfg, at),
      tell_(std::move(tell)) {
  }

  caf::behavior make_behavior() override {
    return {[this](const msg::deliver&) {
      tell_(caf::actor_cast<caf::actor>(current_sender()));
    }};
  }

  bool try_deliver(const batch&, const std::string&) override {
    return false;
  }

  bool try_confirm(msg::confirmed) override {
    return false;
  }

private:
  std::function<void(caf::actor)> tell_;
};

std::string name_of(const caf::actor& x) {
  return dynamic_cast<caf::local_actor&>(
           *caf::actor_cast<caf::abstract_actor*>(x))
    .name();
}

template <class T>
T value_of(caf::expected<T> x) {
  if (!x)
    CAF_FAIL(what(x.error()));
  return std::move(*x);
}

strings ids(const std::vector<connection_info>& xs) {
  strings res;
  for (const auto& x : xs)
    res.push_back(x.id);
  std::sort(res.begin(), res.end());
  return res;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_tests, named)

CAF_TEST(C16 a server does no input or output when it is made) {
  server another{runtime.sys, config{.event_prefix = "x:"}};
  CAF_CHECK_EQUAL(another.settings().event_prefix, "x:");
  CAF_CHECK_EQUAL(value_of(another.total_connections().get()), 0u);
}

CAF_TEST(C20 C21 C23 C24 a plain thread asks who is connected) {
  auto alice = connected("alice");
  auto bob = connected("bob");
  CAF_CHECK_EQUAL(value_of(endpoint.total_connections().get()), 2u);
  CAF_CHECK_EQUAL(ids(value_of(endpoint.connections().get())),
                  (strings{"alice", "bob"}));
  CAF_CHECK_EQUAL(value_of(endpoint.connection("bob").get()).id, "bob");
  CAF_CHECK(endpoint.connection("eve").get().error() == errc::no_such_name);
  CAF_CHECK(value_of(endpoint.is_connected("alice").get()));
  CAF_CHECK(!value_of(endpoint.is_connected("eve").get()));
}

CAF_TEST(C22 C25 C26 C27 C28 C30 a plain thread moves connections) {
  auto alice = connected("alice");
  auto bob = connected("bob");
  CAF_CHECK(endpoint.join("lobby", "alice").get());
  CAF_CHECK(endpoint.join("lobby", "alice").get()); // has no effect
  CAF_CHECK(endpoint.join("lobby", "bob").get());
  CAF_CHECK(value_of(endpoint.is_joined("lobby", "alice").get()));
  CAF_CHECK_EQUAL(ids(value_of(endpoint.connections_by_room("lobby").get())),
                  (strings{"alice", "bob"}));
  CAF_CHECK(value_of(endpoint.leave("lobby", "alice").get()));
  CAF_CHECK(!value_of(endpoint.leave("lobby", "alice").get()));
  CAF_CHECK(!value_of(endpoint.is_joined("lobby", "alice").get()));
  CAF_CHECK(endpoint.leave_all("bob").get());
  CAF_CHECK_EQUAL(value_of(endpoint.connections_by_room("lobby").get()).size(),
                  0u);
  CAF_CHECK(endpoint.join("lobby", "eve").get().error() == errc::no_such_name);
  CAF_CHECK(endpoint.join("", "bob").get().error() == errc::reserved_name);
}

CAF_TEST(C29 a plain thread ends connections) {
  std::promise<close_info> end;
  endpoint.on_connection([&](connection& c) {
    c.on_disconnect(
      [&](connection&, const close_info& x) { end.set_value(x); });
  });
  auto alice = connected("alice");
  CAF_CHECK(endpoint.disconnect("alice", close_code{4001}, "enough").get());
  auto how = test::await(end);
  CAF_CHECK_EQUAL(how.reason, "enough");
  CAF_CHECK(alice.socket->code() == close_code{4001});
  CAF_CHECK(endpoint.disconnect("nobody").get());
}

CAF_TEST(what nobody asks the outcome of is done all the same) {
  auto alice = connected("alice");
  endpoint.join("lobby", "alice");
  CAF_CHECK(value_of(endpoint.is_joined("lobby", "alice").get()));
  endpoint.leave("lobby", "alice");
  CAF_CHECK(!value_of(endpoint.is_joined("lobby", "alice").get()));
}

CAF_TEST(C23 C32 a handler asks its own server without waiting) {
  std::promise<std::string> answer;
  endpoint.on_connection([&](connection& c) {
    c.join("lobby");
    c.server().connections_by_room("lobby").then(
      c.self(),
      [&](const std::vector<connection_info>& xs) {
        answer.set_value(xs.at(0).id);
      },
      [&](const caf::error& err) { answer.set_value(what(err)); });
  });
  auto alice = connected("alice");
  CAF_CHECK_EQUAL(test::await(answer), "alice");
}

CAF_TEST(a blocking query on a runtime thread is refused at once) {
  std::promise<caf::error> answer;
  endpoint.on_connection([&](connection& c) {
    answer.set_value(c.server().total_connections().get().error());
  });
  auto alice = connected("alice");
  auto err = test::await(answer);
  CAF_CHECK(err == errc::would_block);
  CAF_CHECK_EQUAL(what(err),
                  "a blocking call on a runtime thread: use then() inside of "
                  "actors");
}

CAF_TEST(a blocking command on a runtime thread takes effect all the same) {
  std::promise<caf::error> answer;
  endpoint.on_connection([&](connection& c) {
    answer.set_value(c.server().join("lobby", c.id()).get().error());
  });
  auto alice = connected("alice");
  CAF_CHECK(test::await(answer) == errc::would_block);
  CAF_CHECK(value_of(endpoint.is_joined("lobby", "alice").get()));
}

CAF_TEST(any actor asks and one that asks in vain is told) {
  auto alice = connected("alice");
  std::promise<uint64_t> count;
  std::promise<caf::error> failure;
  runtime.sys.spawn([&](caf::event_based_actor* self) {
    endpoint.total_connections().then(*self, [&](const uint64_t& x) {
      count.set_value(x);
    });
    endpoint.join("lobby", "eve")
      .then(
        *self, [] { CAF_ERROR("joined"); },
        [&](const caf::error& x) { failure.set_value(x); });
  });
  CAF_CHECK_EQUAL(test::await(count), 1u);
  CAF_CHECK(test::await(failure) == errc::no_such_name);
}

CAF_TEST(a query to a server that has stopped is answered with an error) {
  endpoint.stop();
  CAF_CHECK(endpoint.total_connections().get().error() == errc::no_answer);
  endpoint.join("lobby", "alice");
  CAF_CHECK(endpoint.to("lobby").emit("chat", "nobody hears") == caf::none);
}

CAF_TEST(C41 C49 C58 a server emits in its own name and in order) {
  auto alice = connected("alice");
  auto bob = connected("bob");
  CAF_CHECK(endpoint.join("lobby", "alice").get());
  strings expected;
  for (int i = 0; i < 200; ++i) {
    auto n = std::to_string(i);
    auto whom = std::vector<recipient>{all, "lobby", "alice"}[i % 3];
    CAF_CHECK(!endpoint.to(whom).emit("n", i));
    expected.push_back("m:n;1;" + n);
  }
  endpoint.to_room("nowhere").emit("lost");
  endpoint.to_connection("lobby").emit("lost");
  endpoint.to_connection("alice").emit("end");
  CAF_REQUIRE(alice.socket->await("m:end;0;"));
  expected.push_back("m:end;0;");
  CAF_CHECK_EQUAL(alice.heard(), expected);
}

CAF_TEST(C26 C27 C28 C58 what a server says finds who joined and not who left) {
  auto alice = connected("alice");
  auto bob = connected("bob"); // on the other thread
  strings expected;
  for (int i = 0; i < 100; ++i) {
    auto room = "room" + std::to_string(i);
    for (const auto* who : {"alice", "bob"})
      endpoint.join(room, who);
    endpoint.to_room(room).emit("in", i);
    endpoint.to(recipient::any(room)).emit("in", i);
    if (i % 2 == 0) {
      for (const auto* who : {"alice", "bob"})
        endpoint.leave(room, who);
    } else {
      for (const auto* who : {"alice", "bob"})
        endpoint.leave_all(who);
    }
    endpoint.to_room(room).emit("out", i);
    for (int twice = 0; twice < 2; ++twice)
      expected.push_back("m:in;1;" + std::to_string(i));
  }
  endpoint.to(all).emit("end");
  expected.push_back("m:end;0;");
  for (auto* who : {&alice, &bob}) {
    CAF_REQUIRE(who->socket->await("m:end;0;"));
    CAF_CHECK_EQUAL(who->heard(), expected);
  }
}

CAF_TEST(C29 C58 who is disconnected hears what the server said before) {
  for (int i = 0; i < 100; ++i) {
    auto id = "alice" + std::to_string(i);
    auto alice = connected(id);
    endpoint.join("lobby", id);
    endpoint.to_room("lobby").emit("room");
    endpoint.to_connection(id).emit("id");
    endpoint.to(all).emit("all");
    endpoint.disconnect(id);
    CAF_REQUIRE(alice.socket->await_close());
    CAF_CHECK_EQUAL(alice.heard(),
                    (strings{"m:room;0;", "m:id;0;", "m:all;0;"}));
  }
}

CAF_TEST(C22 C25 a question about a room comes after what was to be done before) {
  auto alice = connected("alice");
  for (int i = 0; i < 100; ++i) {
    endpoint.join("lobby", "alice");
    CAF_CHECK_EQUAL(ids(value_of(endpoint.connections_by_room("lobby").get())),
                    strings{"alice"});
    endpoint.leave("lobby", "alice");
    CAF_CHECK(!value_of(endpoint.is_joined("lobby", "alice").get()));
    CAF_CHECK_EQUAL(ids(value_of(endpoint.connections_by_room("lobby").get())),
                    strings{});
  }
}

CAF_TEST(C58 an actor tells one of its room and all in that order) {
  auto alice = connected("alice");
  auto bob = connected("bob"); // on the other thread
  for (const auto* who : {"alice", "bob"})
    CAF_CHECK(endpoint.join("game", who).get());
  runtime.sys.spawn([this](caf::event_based_actor* self) {
    auto out = endpoint.publisher_for(*self);
    for (int i = 0; i < 200; ++i) {
      out.to_connection("bob").emit("seated", i);
      out.to_room("game").emit("state", i);
      out.to(all).emit("news", i);
    }
    out.to(all).emit("end");
  });
  strings to_alice;
  strings to_bob;
  for (int i = 0; i < 200; ++i) {
    auto n = std::to_string(i);
    to_bob.push_back("m:seated;1;" + n);
    for (auto* who : {&to_alice, &to_bob}) {
      who->push_back("m:state;1;" + n);
      who->push_back("m:news;1;" + n);
    }
  }
  for (auto* who : {&alice, &bob})
    CAF_REQUIRE(who->socket->await("m:end;0;"));
  to_alice.push_back("m:end;0;");
  to_bob.push_back("m:end;0;");
  CAF_CHECK_EQUAL(alice.heard(), to_alice);
  CAF_CHECK_EQUAL(bob.heard(), to_bob);
}

CAF_TEST(C33 a handler that blocks delays nobody on other threads) {
  std::promise<void> go;
  auto wait = go.get_future().share();
  endpoint.on_connection([&](connection& c) {
    c.on("block", [&] { wait.wait(); });
    c.on("echo", [](connection& me) { me.emit("echo"); });
  });
  auto alice = connected("alice"); // on the first thread
  auto bob = connected("bob");     // on the second
  alice.say("m:block;0;");
  bob.say("m:echo;0;");
  CAF_CHECK(bob.socket->await("m:echo;0;"));
  alice.say("m:echo;0;");
  go.set_value();
  CAF_CHECK(alice.socket->await("m:echo;0;"));
}

CAF_TEST(C33 a handler that blocks keeps nobody out whatever its thread) {
  auto alice = connected("alice");
  auto bob = connected("bob");
  for (size_t held = 0; held < 2; ++held) {
    test::held_thread holding{runtime.at(held)};
    next = held + 1;
    auto carol = connected("carol" + std::to_string(held));
    CAF_CHECK_EQUAL(value_of(endpoint.total_connections().get()), 3 + held);
    endpoint.to_connection("carol" + std::to_string(held)).emit("hello");
    CAF_CHECK(carol.socket->await("m:hello;0;"));
  }
}

CAF_TEST(C33 work that blocks goes to a detached actor and its answer comes back) {
  std::promise<void> go;
  auto wait = go.get_future().share();
  auto worker = runtime.sys.spawn<caf::detached>([wait]() -> caf::behavior {
    return {[wait](const std::string& x) {
      wait.wait();
      return x + '!';
    }};
  });
  endpoint.on_connection([worker](connection& c) {
    c.on("ask", [worker](connection& me, const std::string& x) {
      me.self()
        .request(worker, caf::infinite, x)
        .then([&me](const std::string& y) { me.emit("answer", y); });
    });
    c.on("echo", [](connection& me) { me.emit("echo"); });
  });
  auto alice = connected("alice");
  alice.say("m:ask;0;hi");
  alice.say("m:echo;0;");
  CAF_CHECK(alice.socket->await("m:echo;0;"));
  go.set_value();
  CAF_CHECK(alice.socket->await("m:answer;0;hi!"));
}

CAF_TEST(C1 an id that will not do is refused and says so) {
  auto nameless = connect("");
  CAF_CHECK(nameless.socket->await_close());
  CAF_CHECK(nameless.socket->code() == close_code::policy_violation);
  CAF_CHECK_EQUAL(nameless.socket->reason(), "invalid connection id");
  CAF_CHECK_EQUAL(endpoint.stats().ids_refused, 1u);
}

CAF_TEST(a server that loses a relay is lost) {
  CAF_CHECK(!endpoint.handler()->is_lost());
  std::promise<caf::actor> found;
  auto who = actors::spawn_pinned<ear>(runtime.sys, &runtime.at(1),
                                       [&found](caf::actor from) {
                                         if (name_of(from) == "troupe.relay")
                                           found.set_value(std::move(from));
                                       });
  caf::send_as(who, endpoint.registry(), msg::join{"lobby", nullptr});
  endpoint.to_room("lobby").emit("hello");
  auto relay = test::await(found);
  std::promise<caf::error> end;
  endpoint.registry()->attach_functor(
    [&end](const caf::error& why) { end.set_value(why); });
  test::run_on(runtime.at(1), [x = relay] { test::break_down(x); });
  CAF_CHECK_EQUAL(test::await(end), caf::sec::runtime_error);
  CAF_CHECK(endpoint.handler()->is_lost());
}

CAF_TEST(a server that was stopped is not lost) {
  endpoint.stop();
  CAF_CHECK(!endpoint.handler()->is_lost());
}

CAF_TEST(a server that is stopped on a runtime thread does not wait) {
  auto alice = connected("alice");
  test::run_on(runtime.at(0), [&] { endpoint.stop(); });
  CAF_CHECK(alice.socket->await_close());
}

CAF_TEST_FIXTURE_SCOPE_END()
