// What clients of version 2 get with `config::binary_messages`.

#define CAF_SUITE actors.binary_messages

#include "support/fixture.hpp"

using namespace troupe;

namespace {

struct fixture : test::fixture {
  fixture() {
    server.core->settings.binary_messages = true;
    server.core->rooms.add("open/*", {.clients_publish = true});
  }

  test::fake_client connect(std::string id) {
    auto result = server.connect(std::move(id), "troupe.2");
    run();
    return result;
  }

  /// Returns the first byte of the only frame that a client was sent: FIN and
  /// the opcode.
  static char first_byte(test::fake_client& who) {
    auto sent = who.socket->take_wire();
    CAF_REQUIRE_EQUAL(sent.size(), 1u);
    return sent[0][0];
  }

  static constexpr auto hello = R"(h{"v":2})";
  static constexpr auto binary = '\x82';
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(binary_messages_tests, fixture)

CAF_TEST(C11 all messages to a client are binary) {
  server.core->add([](connection& c) {
    c.on("add", [](const std::vector<int>& xs) { return xs.at(0) + xs.at(1); });
    c.on("say", [](connection& me) { me.emit("said", 1); });
    c.on("in", [](connection& me) { me.join("tea"); });
    c.on("out", [](connection& me) { me.leave("tea"); });
    c.on("ask", [](connection& me) {
      me.request<int>("pick", 1, [](const reply<int>&) {});
    });
  });
  auto alice = connect("alice");
  for (auto message : {hello, "e;say;0;", "q1;;add;4;[1,2]", "q2;;nobody;0;",
                       "q3;;x", "j4;open/tea;0;", "e;in;0;", "e;out;0;",
                       "e#other;said;0;x", "?", "e;ask;0;"}) {
    CAF_MESSAGE(message);
    alice.say(message);
    consume_messages(); // Without the timeout of the request.
    CAF_CHECK_EQUAL(first_byte(alice), binary);
  }
}

CAF_TEST(C11 what a client publishes is binary) {
  server.core->add([](connection& c) { c.join("open/tea"); });
  auto anna = connect("anna");
  auto ben = connect("ben");
  say(anna, hello);
  say(ben, hello);
  auto cleo = member("cleo", "open/tea");
  for (auto* x : {&anna, &ben, &cleo})
    x->socket->take_wire();
  say(anna, "e#open/tea;said;0;x");
  for (auto* x : {&ben, &cleo})
    CAF_CHECK_EQUAL(first_byte(*x), binary);
}

CAF_TEST_FIXTURE_SCOPE_END()
