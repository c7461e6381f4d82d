#define CAF_SUITE actors.bridge_text

#include "support/bridge_fixture.hpp"

using namespace troupe;
using test::strings;

/// Text from another node is checked before clients get it, since a browser
/// closes a connection that delivers text that is not UTF-8.

namespace {

const std::string broken = "\xff";

struct fixture : test::bridge_fixture {
  fixture() {
    watch_log();
    bridge = make_bridge();
  }

  ~fixture() {
    end(bridge);
  }

  void send_wire_batch(actors::wire_batch_writer& writer) {
    auto count = writer.count();
    tell(bridge, actors::wire_batch{++last, count, writer.take()});
  }

  /// Sends a message for a connection here, as the other node does.
  void act(const std::string& id, caf::message what) {
    tell(bridge, actors::question{
                   ++last, caf::make_message(actors::forward_local{id, what})});
  }

  bool was_refused() {
    return counters->lost == 1 && was_logged("node peer sent text")
           && was_logged("not UTF-8");
  }

  strings rooms() {
    strings result;
    for (const auto& x :
         ask<std::vector<room_info>>(server.registry(), msg::rooms{}))
      result.push_back(x.name);
    return result;
  }

  caf::actor bridge;
  uint64_t last = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(link_text_tests, fixture)

CAF_TEST(a text message has to be UTF-8) {
  auto alice = member("alice", "lobby");
  actors::wire_batch_writer writer;
  writer.add(recipient::room("lobby"), 1, frame::text("one"));
  writer.add(recipient::room("lobby"), 1, frame::text("tw\xff"));
  writer.add(recipient::room("lobby"), 1, frame::binary("\xff"));
  writer.add(recipient::room("lobby"), 1, frame::text("\xc3\xbc"));
  send_wire_batch(writer);
  CAF_CHECK_EQUAL(alice.heard(), (strings{"one", "\xff", "\xc3\xbc"}));
  CAF_CHECK(was_refused());
}

CAF_TEST(names in wire_batches have to be UTF-8) {
  auto alice = connect("alice");
  actors::wire_batch_writer writer;
  writer.add({recipient::kind::everyone, broken}, 1, frame::text("one"));
  writer.add(all, 1, frame::text("two"));
  send_wire_batch(writer);
  CAF_CHECK_EQUAL(alice.heard(), strings{"two"});
  CAF_CHECK(was_refused());
}

CAF_TEST(a message to one connection has to be UTF-8) {
  auto alice = connect("alice");
  act("alice", caf::make_message(msg::emit{frame::text(broken)}));
  CAF_CHECK_EQUAL(alice.heard(), strings{});
  CAF_CHECK(was_refused());
  act("alice", caf::make_message(msg::emit{frame::binary(broken)}));
  CAF_CHECK_EQUAL(alice.heard(), strings{broken});
}

CAF_TEST(what a connection is made to do has to be UTF-8) {
  auto alice = connect("alice");
  act("alice", caf::make_message(msg::disconnect{close_code::normal, broken}));
  CAF_CHECK(!alice.socket->closed());
  CAF_CHECK(was_refused());
  act("alice", caf::make_message(msg::join{broken, nullptr}));
  act("alice", caf::make_message(msg::publish{"lobby", frame::text(broken)}));
  CAF_CHECK_EQUAL(counters->lost, 3u);
  CAF_CHECK_EQUAL(rooms(), strings{});
}

CAF_TEST(names of rooms have to be UTF-8) {
  tell(bridge, actors::interest_update{1, false, {"lobby", broken}, {}});
  CAF_CHECK_EQUAL(rooms(), strings{"lobby"});
  CAF_CHECK_EQUAL(counters->lost, 1u);
  CAF_CHECK(was_logged("node peer sent invalid names of rooms or ids"));
  tell(bridge, actors::interest_update{2, true, {broken}, {}});
  CAF_CHECK_EQUAL(rooms(), strings{});
}

CAF_TEST(ids and reasons in events have to be UTF-8) {
  self->send(server.registry(), msg::subscribe{nullptr, true});
  settle();
  tell(bridge, actors::event_report{
                 caf::make_message(msg::connection_up{broken, nullptr})});
  CAF_CHECK(was_refused());
  tell(bridge, actors::event_report{
                 caf::make_message(msg::connection_up{"bob", nullptr})});
  tell(bridge, actors::event_report{caf::make_message(
                 msg::connection_down{"bob", close_code::normal, broken})});
  strings heard;
  while (!self->mailbox().empty())
    self->receive([&](const msg::connection_up& x) { heard.push_back(x.id); },
                  [&](const msg::connection_down& x) {
                    heard.push_back(x.id + " left: " + x.reason);
                  },
                  [](const actors::control_done&) {},
                  [](actors::send_events) {});
  CAF_CHECK_EQUAL(heard, (strings{"bob", "bob left: "}));
}

CAF_TEST(ids in answers have to be UTF-8) {
  auto count
    = self->request(server.registry(), caf::infinite,
                    msg::survey{caf::make_message(msg::connections{})});
  settle();
  uint64_t number = 0;
  self->receive([&](const actors::question& x) { number = x.number; });
  std::vector<connection_info> all{{"bob", nullptr}, {broken, nullptr}};
  tell(bridge, actors::answer{number, caf::make_message(all), {}});
  run();
  count.receive(
    [](const partial<std::vector<connection_info>>& x) {
      CAF_CHECK(x.value.empty());
      CAF_CHECK_EQUAL(x.silent, strings{"peer"});
    },
    [](const caf::error& x) { CAF_FAIL(what(x)); });
  CAF_CHECK(was_refused());
}

CAF_TEST_FIXTURE_SCOPE_END()
