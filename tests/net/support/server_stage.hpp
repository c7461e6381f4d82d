#pragma once

#include "net/http/endpoint.hpp"
#include "support/running.hpp"
#include "support/stage.hpp"
#include "troupe/server.hpp"

#include <caf/test/unit_test.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// A server on real threads with fake sockets.
struct server_stage {
  explicit server_stage(config cfg = {}, size_t threads = 2)
    : runtime(threads),
      endpoint(runtime.sys, std::move(cfg)) {
  }

  /// Connects a client, whose id is the result of `id_generator` for `target`.
  fake_client connect(const std::string& target) {
    fake_client res;
    res.socket = std::make_shared<fake_socket>();
    auto& event_loop = runtime.at(next++);
    request req{"GET /" + target + " HTTP/1.1\r\n", "/*", "127.0.0.1", 1};
    res.upper_layer = run_on(event_loop, [&] {
      return endpoint.handler()->attach(res.socket, std::move(req), event_loop);
    });
    res.socket->upper_layer = res.upper_layer;
    inboxes.push_back(res.upper_layer);
    return res;
  }

  /// Connects a client and waits until it is accepted.
  fake_client connected(const std::string& target) {
    auto res = connect(target);
    CAF_REQUIRE(res.socket->await_credit());
    return res;
  }

  static config named_by_target() {
    return {.id_generator = [](const request& req) {
      return std::string{req.path().substr(1)};
    }};
  }

  running runtime;
  // Keeps clients that a test drops alive, so that they respond when the server
  // ends.
  std::vector<std::shared_ptr<actors::upper_layer>> inboxes;
  server endpoint;
  size_t next = 0;
};

} // namespace troupe::test
