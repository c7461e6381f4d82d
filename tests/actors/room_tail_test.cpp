#define CAF_SUITE actors.room_tail

#include "actors/room_tail.hpp"

#include "support/fixture.hpp"

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

/// `run` would also trigger the time limit of the tail.
struct fixture : test::fixture {
  test::fake_client alice = member("alice", "lobby");
  test::fake_client reader = connect("reader");
  caf::actor tail;

  void begin(const std::string& room = "lobby") {
    tail = spawn_room_tail(sys, server.registry(), room, reader.actor);
    consume_messages();
  }

  void publish(const frame& x) {
    self->send(server.registry(), msg::publish{recipient::room("lobby"), x});
    consume_messages();
  }

  void publish(std::string_view x) {
    publish(frame::text(x));
  }

  void pass(caf::timespan time) {
    advance_time(time);
    consume_messages();
  }

  tail_report report() {
    auto handle = self->request(tail, caf::infinite, report_tail{});
    consume_messages();
    tail_report result;
    handle.receive([&](tail_report& x) { result = std::move(x); },
                   [](const caf::error& x) { CAF_FAIL(what(x)); });
    return result;
  }

  strings texts() {
    strings result;
    for (const auto& x : report().messages)
      result.push_back(x.text);
    return result;
  }

  bool is_over() const {
    return caf::actor_cast<caf::abstract_actor*>(tail)->getf(
      caf::abstract_actor::is_terminated_flag);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_tail_tests, fixture)

CAF_TEST(what is published is reported once) {
  publish("before");
  begin();
  publish("one");
  publish("two");
  CAF_CHECK_EQUAL(texts(), (strings{"one", "two"}));
  publish("three");
  CAF_CHECK_EQUAL(texts(), strings{"three"});
  auto last = report();
  CAF_CHECK(last.messages.empty());
  CAF_CHECK_EQUAL(last.omitted, 0u);
  CAF_CHECK_EQUAL(last.end, "");
}

CAF_TEST(a report describes each message) {
  begin();
  publish("m:chat;0;hi");
  publish(frame::binary("\xff\x00"));
  auto found = report().messages;
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK_EQUAL(found[0].text, "m:chat;0;hi");
  CAF_CHECK_EQUAL(found[0].size, 11u);
  CAF_CHECK(!found[0].is_binary);
  CAF_CHECK_GREATER(found[0].time.time_since_epoch().count(), 0);
  CAF_CHECK_EQUAL(found[1].text, "\\xff");
  CAF_CHECK(found[1].is_binary);
}

CAF_TEST(text that could mislead a reader is made visible) {
  begin();
  publish("a\nb\u202ec");
  CAF_CHECK_EQUAL(texts(), strings{"a\\x0ab\\u{202e}c"});
}

CAF_TEST(a long message is cut between characters) {
  begin();
  publish("x" + std::string(tail_limits::message_bytes - 2, 'x') + "\u20ac");
  auto found = report().messages;
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found[0].text,
                  std::string(tail_limits::message_bytes - 1, 'x'));
  CAF_CHECK_EQUAL(found[0].size, tail_limits::message_bytes + 2);
}

// -- limits -------------------------------------------------------------------

CAF_TEST(what exceeds the messages of a second is counted) {
  begin();
  for (size_t i = 0; i < tail_limits::messages_per_second + 3; ++i)
    publish("four");
  auto first = report();
  CAF_CHECK_EQUAL(first.messages.size(), tail_limits::messages_per_second);
  CAF_CHECK_EQUAL(first.omitted, 3u);
  CAF_CHECK_EQUAL(first.omitted_bytes, 12u);
  publish("still too many");
  CAF_CHECK_EQUAL(report().omitted, 1u);
  pass(1s);
  publish("fine");
  CAF_CHECK_EQUAL(texts(), strings{"fine"});
}

CAF_TEST(what exceeds the bytes of a second is counted) {
  begin();
  std::string large(tail_limits::message_bytes, 'x');
  constexpr auto most = tail_limits::bytes_per_second
                        / tail_limits::message_bytes;
  for (size_t i = 0; i < most + 1; ++i)
    publish(large);
  auto found = report();
  CAF_CHECK_EQUAL(found.messages.size(), most);
  CAF_CHECK_EQUAL(found.omitted, 1u);
  CAF_CHECK_EQUAL(found.omitted_bytes, large.size());
}

// -- ends ---------------------------------------------------------------------

CAF_TEST(a room that does not exist is reported and not opened) {
  begin("kitchen");
  CAF_CHECK_EQUAL(report().end, "there is no room of this name");
  CAF_CHECK(is_over());
  CAF_CHECK_EQUAL(server.core->stats.rooms.load(), 1u);
}

CAF_TEST(the end of the room is reported after its last messages) {
  begin();
  publish("last");
  alice.hang_up();
  consume_messages();
  CAF_CHECK_EQUAL(server.core->stats.rooms.load(), 0u);
  CAF_CHECK(!is_over());
  auto found = report();
  CAF_CHECK_EQUAL(found.messages.size(), 1u);
  CAF_CHECK_EQUAL(found.end, "the room has ended");
  CAF_CHECK(is_over());
}

CAF_TEST(a tail ends with its reader) {
  begin();
  reader.hang_up();
  consume_messages();
  CAF_CHECK(is_over());
}

CAF_TEST(a tail that is not asked ends) {
  begin();
  for (auto i = 0; i < 3; ++i) {
    report();
    pass(tail_limits::patience);
    CAF_CHECK(!is_over());
  }
  pass(tail_limits::patience);
  CAF_CHECK(is_over());
}

CAF_TEST_FIXTURE_SCOPE_END()
