#pragma once

#include "actors/server_publisher.hpp"
#include "support/fake_event_loops.hpp"
#include "support/fixture.hpp"
#include "troupe/query.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::test {

/// A server on two threads that allows each client thousands of rooms.
struct two_thread_fixture : test_coordinator_fixture<test_config> {
  two_thread_fixture() {
    server.core->add(obey_clients);
    server.core->settings.max_rooms_per_connection = 10'000;
    announcer = actors::spawn_pinned<actors::server_publisher>(
      sys, event_loops.all()[0], server.core);
  }

  ~two_thread_fixture() {
    caf::anon_send(server.registry(), actors::stop{std::chrono::seconds{1}});
    settle();
    advance_time(std::chrono::seconds{2});
    settle();
  }

  void settle() {
    while (event_loops[0].run() || event_loops[1].run() || run() > 0)
      ;
  }

  fake_client connect(std::string id) {
    auto res = server.connect(std::move(id));
    settle();
    return res;
  }

  /// Settles without the second thread, as if a handler held that thread up.
  void settle_on_first_thread() {
    while (event_loops[0].run() || consume_messages() > 0)
      ;
  }

  void pass_two_seconds() {
    for (int i = 0; i < 2; ++i) {
      advance_time(std::chrono::seconds{1});
      settle_on_first_thread();
    }
  }

  template <class T, class Message>
  T ask(const caf::actor& whom, Message what) {
    T res{};
    auto handle = self->request(whom, caf::infinite, std::move(what));
    settle_on_first_thread();
    handle.receive([&](T& x) { res = std::move(x); },
                   [](caf::error& x) {
                     CAF_ERROR("error " + std::to_string(x.code()));
                   });
    return res;
  }

  bool is_listed(std::string id) {
    return ask<bool>(server.registry(), msg::is_connected{std::move(id)});
  }

  size_t members_of(std::string room) {
    return ask<std::vector<connection_info>>(
             server.registry(), msg::connections_by_room{std::move(room)})
      .size();
  }

  static bool has_ended(const fake_client& x) {
    return caf::actor_cast<caf::abstract_actor*>(x.actor)->getf(
      caf::abstract_actor::is_terminated_flag);
  }

  /// Returns a command of the server to the connection `id`.
  template <class T = void, class Message>
  command<T> act(std::string id, Message what) {
    return {announcer, caf::make_message(msg::forward{
                         std::move(id), caf::make_message(std::move(what))})};
  }

  void announce(const recipient& to, std::string_view text) {
    actors::server_target{server.core, announcer}.send_to(to,
                                                          frame::text(text));
  }

  static std::string room(size_t i) {
    return "room" + std::to_string(i);
  }

  static strings numbers(size_t n) {
    strings res;
    for (size_t i = 0; i < n; ++i)
      res.push_back(std::to_string(i));
    return res;
  }

  fake_event_loops event_loops{sys, 2};
  stage server{sys, {}, event_loops.all()};
  caf::actor announcer;
};

} // namespace troupe::test
