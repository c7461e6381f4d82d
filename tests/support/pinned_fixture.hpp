#pragma once

#include "support/fake_event_loop.hpp"
#include "support/fixture.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace troupe::test {

/// A server whose actors are all pinned to the test's thread.
struct pinned_fixture : test_coordinator_fixture<test_config> {
  pinned_fixture() {
    server.core->add(obey_clients);
  }

  ~pinned_fixture() {
    caf::anon_send(server.registry(), actors::stop{std::chrono::seconds{1}});
    settle();
    advance_time(std::chrono::seconds{2}); // longest time-out
    settle();
  }

  void settle() {
    while (event_loop.run() || run() > 0)
      ;
  }

  fake_client connect(std::string id) {
    auto res = server.connect(std::move(id));
    settle();
    return res;
  }

  fake_client connect_with(std::function<void(connection&)> f) {
    server.core->add(std::move(f));
    return connect("alice");
  }

  bool is_alive(const caf::actor& who) {
    return !caf::actor_cast<caf::abstract_actor*>(who)->getf(
      caf::abstract_actor::is_terminated_flag);
  }

  void note(std::string x) {
    notes.push_back(std::move(x));
  }

  fake_event_loop event_loop{sys};
  strings notes;
  stage server{sys, {}, {&event_loop}};
};

} // namespace troupe::test
