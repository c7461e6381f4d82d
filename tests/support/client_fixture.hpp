#pragma once

#include "actors/client/client_spawner.hpp"
#include "actors/seams/client_socket.hpp"
#include "support/fixture.hpp"
#include "troupe/ws_client.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// An outgoing connection that is a list.
struct fake_client_socket final : actors::client_socket {
  fake_client_socket(caf::actor actor, uint64_t n)
    : to{std::move(actor)},
      number{n} {
  }

  void read() override {
    ++reads;
  }

  void write(frame message) override {
    written.emplace_back(message.payload());
    if (is_slow)
      is_waiting = true;
    else
      caf::anon_send(to, actors::client_socket_written{number});
  }

  void close(close_code code, std::string_view reason) override {
    closed_with = {code, std::string{reason}};
  }

  void drop() override {
    is_dropped = true;
    to = nullptr;
  }

  caf::actor to;
  const uint64_t number;
  size_t reads = 0;
  strings written;
  bool is_slow = false;    ///< Whether writing takes until `finish_write`.
  bool is_waiting = false; ///< Whether a message is being written.
  bool is_dropped = false;
  std::optional<std::pair<close_code, std::string>> closed_with;
};

/// A client with fake sockets, under CAF's deterministic scheduler and virtual
/// time.
struct client_fixture : test_coordinator_fixture<test_config> {
  using setup = std::function<void(ws_client&)>;

  ~client_fixture() {
    for (const auto& x : made)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    run();
  }

  /// Runs all actors. Unlike the function of the base class, this one does not
  /// pass the time until the next time-out.
  void run() {
    while (sched.try_run_once())
      ;
  }

  /// Creates a client, which begins to connect.
  ws_client make(ws_client_options options = {}, const setup& f = {}) {
    auto dial = [this](caf::actor to, uint64_t number) {
      sockets.push_back(
        std::make_shared<fake_client_socket>(std::move(to), number));
      return sockets.back();
    };
    auto result = actors::client_spawner::spawn(sys, nullptr,
                                                std::move(options), dial, f);
    made.push_back(result.handle());
    run();
    return result;
  }

  /// Creates a client and completes its handshake.
  ws_client connected(ws_client_options options = {}, const setup& f = {}) {
    auto result = make(std::move(options), f);
    open();
    return result;
  }

  // -- the server -------------------------------------------------------------

  /// Returns the latest socket.
  fake_client_socket& socket() {
    return *sockets.back();
  }

  template <class T>
  void report(T what) {
    what.socket = socket().number;
    caf::anon_send(made.back(), std::move(what));
    run();
  }

  void open(std::string subprotocol = "") {
    actors::client_socket_opened what;
    what.subprotocol = std::move(subprotocol);
    report(std::move(what));
  }

  void say(std::string_view text) {
    actors::client_socket_received what;
    what.message = frame::text(text);
    report(std::move(what));
  }

  void finish_write() {
    socket().is_waiting = false;
    report(actors::client_socket_written{});
  }

  /// Ends the connection without a close frame.
  void lose() {
    report(actors::client_socket_ended{});
  }

  void end_with(close_code code, std::string reason = "") {
    actors::client_socket_ended what;
    what.code = code;
    what.reason = std::move(reason);
    what.was_clean = true;
    report(std::move(what));
  }

  // -- what is seen -----------------------------------------------------------

  /// Returns what the latest socket was told to send since the last call.
  strings sent() {
    run();
    return std::exchange(socket().written, {});
  }

  void pass(caf::timespan time) {
    run();
    advance_time(time);
    run();
  }

  void note(std::string x) {
    notes.push_back(std::move(x));
  }

  strings news() {
    run();
    return std::exchange(notes, {});
  }

  bool is_alive(const ws_client& x) {
    run();
    return !caf::actor_cast<caf::abstract_actor*>(x.handle())
              ->getf(caf::abstract_actor::is_terminated_flag);
  }

  std::vector<std::shared_ptr<fake_client_socket>> sockets;
  std::vector<caf::actor> made;
  strings notes;
  ws_client_end last_end; ///< For callbacks, which run in the destructor, too.
};

} // namespace troupe::test
