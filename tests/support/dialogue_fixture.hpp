#pragma once

#include "support/fixture.hpp"

#include <functional>
#include <string>
#include <utility>

namespace troupe::test {

/// The first message of a client of version 2.
constexpr auto hello = R"(h{"v":2})";

/// A world with clients that speak version 2 of the protocol.
struct dialogue_fixture : fixture {
  /// Connects a client of version 2 that has sent its hello, and calls `f` with
  /// its connection.
  fake_client meet(
    std::string id, std::function<void(connection&)> f = [](auto&) {}) {
    server.core->add([id, f](connection& c) {
      if (c.id() == id)
        f(c);
    });
    auto res = server.connect(id, "troupe.2");
    run();
    say(res, hello);
    heard(res);
    return res;
  }

  /// Returns what the client receives after `message`.
  strings after(fake_client& who, const std::string& message) {
    say(who, message);
    return heard(who);
  }

  /// Does the same as `say`, without letting time pass.
  void say_now(fake_client& who, const std::string& message) {
    who.say(message);
    consume_messages();
  }

  /// Opens rooms whose names begin with "open/" to clients.
  void open_rooms(room_options options = {.clients_publish = true}) {
    server.core->rooms.add("open/*", std::move(options));
  }
};

} // namespace troupe::test
