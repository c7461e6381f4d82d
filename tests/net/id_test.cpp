#define CAF_SUITE net.id

#include "troupe/id.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/client.hpp"
#include "support/running.hpp"
#include "troupe/troupe.hpp"

#include <optional>
#include <stdexcept>

using namespace troupe;
using namespace troupe::test;

namespace {

/// A server whose connections send their id.
struct fixture {
  uint16_t open() {
    chat.emplace(runtime.sys, settings);
    chat->on_connection([](connection& c) { c.emit_message(c.id()); });
    http.emplace(runtime.sys, listener_config{.port = 0});
    http->route("/ws", *chat);
    return http->start().value();
  }

  client::frame first_frame(uint16_t port) {
    client peer{port};
    peer.upgrade("/ws");
    return peer.read_frame();
  }

  running runtime{2};
  config settings;
  std::optional<server> chat;
  std::optional<listener> http;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(id_tests, fixture)

CAF_TEST(C1 an id is a random UUID and the name of its node) {
  auto port = open();
  auto one = first_frame(port).payload;
  auto other = first_frame(port).payload;
  CAF_CHECK_EQUAL(node_of(one), node_name(runtime.sys.node()));
  CAF_CHECK_EQUAL(node_of(other), node_name(runtime.sys.node()));
  CAF_CHECK_NOT_EQUAL(one, other);
  CAF_CHECK_EQUAL(one[14], '4'); // the UUID's version
}

CAF_TEST(C1 the application may name connections) {
  settings.id_generator = [](const request& req) { return req.query("name"); };
  auto port = open();
  client peer{port};
  peer.upgrade("/ws?name=alice%20b");
  CAF_CHECK_EQUAL(peer.read_frame().payload, "alice b");
  client longest{port};
  longest.upgrade("/ws?name=" + std::string(255, 'x'));
  CAF_CHECK_EQUAL(longest.read_frame().payload, std::string(255, 'x'));
}

CAF_TEST(C1 an id that will not do is refused with a reason and counted) {
  for (std::string bad : {"", ";to;all;except;me;", "long", "boom", "bang"}) {
    settings.id_generator = [&](const request&) -> std::string {
      if (bad == "boom")
        throw std::runtime_error("boom");
      if (bad == "bang")
        throw 42;
      return bad == "long" ? std::string(256, 'x') : bad;
    };
    auto frame = first_frame(open());
    CAF_CHECK_EQUAL(frame.opcode, 8);
    CAF_CHECK_EQUAL(frame.code(), 1008u);
    CAF_CHECK(frame.reason().starts_with(to_string(errc::invalid_id)));
    CAF_CHECK_EQUAL(chat->stats().ids_refused, 1u);
    CAF_CHECK_EQUAL(chat->stats().connections_opened, 0u);
    http.reset();
    chat.reset();
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
