#pragma once

#include "support/break_down.hpp"
#include "support/stage.hpp"

#include <caf/test/dsl.hpp>

#include <functional>
#include <string>
#include <vector>

namespace troupe::test {

struct test_config : caf::actor_system_config {
  test_config() {
    troupe::add_message_types(*this);
  }
};

using strings = std::vector<std::string>;

/// A server under CAF's deterministic scheduler and virtual time.
struct fixture : test_coordinator_fixture<test_config> {
  fixture() : server(sys) {
    server.core->add(obey_clients);
  }

  ~fixture() {
    caf::anon_send(server.registry(), actors::stop{std::chrono::seconds{1}});
    run();
    advance_time(std::chrono::seconds{2}); // The patience of `stop` is over.
    run();
  }

  /// Connects a client and runs all actors.
  fake_client connect(std::string id) {
    auto res = server.connect(std::move(id));
    run();
    return res;
  }

  /// Connects a client and calls `f` with its connection.
  fake_client connect_with(std::function<void(connection&)> f,
                           std::string id = "alice") {
    server.core->add([id, f](connection& c) {
      if (c.id() == id)
        f(c);
    });
    return connect(std::move(id));
  }

  /// Connects a client that has joined `room`.
  fake_client member(std::string id, const std::string& room) {
    auto res = connect(std::move(id));
    say(res, "m:join;0;" + room);
    return res;
  }

  void say(fake_client& who, const std::string& message) {
    who.say(message);
    run();
  }

  template <class T, class Request>
  T ask(const caf::actor& whom, Request what) {
    T res{};
    auto handle = self->request(whom, caf::infinite, std::move(what));
    run();
    handle.receive([&](T& x) { res = std::move(x); },
                   [&](caf::error& err) { failure = std::move(err); });
    return res;
  }

  uint64_t connection_count() {
    return ask<uint64_t>(server.registry(), msg::total_connections{});
  }

  /// Returns the number of members of a room; 0 if there is no such room.
  size_t room_size(const std::string& name) {
    for (const auto& x :
         ask<std::vector<room_info>>(server.registry(), msg::rooms{}))
      if (x.name == name)
        return ask<std::vector<caf::actor>>(x.handle, msg::members{}).size();
    return 0;
  }

  void note(std::string x) {
    notes.push_back(std::move(x));
  }

  strings notes; ///< Notes of callbacks. Outlives `server`.
  stage server;
  caf::error failure;
};

} // namespace troupe::test
