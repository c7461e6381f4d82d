#define CAF_SUITE actors.messages

#include "troupe/messages.hpp"

#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/cluster_messages.hpp"
#include "support/fixture.hpp"
#include "troupe/cluster.hpp"
#include "troupe/service.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

using namespace troupe;
using test::strings;

namespace {

struct fixture : test::fixture {
  /// Returns what another node receives when `x` is sent.
  template <class T>
  T round_trip(const T& x) {
    std::vector<char> bytes;
    caf::binary_serializer sink{sys, bytes};
    if (auto err = sink(caf::make_message(x)))
      CAF_FAIL("cannot write: " << sys.render(err));
    caf::message y;
    caf::binary_deserializer source{sys, bytes};
    if (auto err = source(y))
      CAF_FAIL("cannot read: " << sys.render(err));
    return y.get_as<T>(0);
  }

  template <class T>
  std::string printed(const T& x) {
    return caf::deep_to_string(x);
  }

  /// Compares the printed forms of `x` before and after a round trip, for
  /// messages without `operator==`.
  template <class T>
  void check(const T& x) {
    CAF_CHECK_EQUAL(printed(round_trip(x)), printed(x));
  }
};

batch::entry text(std::string_view x, uint64_t from, bool skip = false) {
  return {frame::text(x), from, skip};
}

strings heard_by(const batch& x, uint64_t direct_receiver) {
  strings res;
  x.for_each_slice(direct_receiver, [&](const slice& run) {
    for (auto& payload : test::payloads_of(run.bytes))
      res.push_back(payload);
  });
  strings frames;
  x.for_each(direct_receiver,
             [&](const frame& y) { frames.emplace_back(y.payload()); });
  CAF_CHECK_EQUAL(res, frames);
  return res;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(messages_tests, fixture)

CAF_TEST(every message survives the way to another node) {
  auto me = caf::actor_cast<caf::actor>(self);
  check(msg::emit{frame::text("hello")});
  check(msg::disconnect{close_code::policy_violation, "out"});
  check(msg::join{"lobby", me});
  check(msg::leave{"lobby", me});
  check(msg::publish{recipient::room("lobby").except_sender(),
                     frame::binary("\xff"), 7});
  check(msg::members{});
  check(msg::lookup{"alice"});
  check(msg::connections{});
  check(msg::rooms{});
  check(msg::total_connections{});
  check(msg::subscribe{me});
  check(msg::joined{"lobby", me});
  check(msg::join_refused{"all", make_error(errc::reserved_name, "all")});
  check(msg::confirmed{3, 4});
  check(connection_info{"alice", me});
  check(room_info{"lobby", me});
  check(msg::connection_up{"alice", me});
  check(msg::connection_down{"alice", close_code::going_away, "bye"});
  check(msg::room_up{"lobby", me});
  check(msg::room_down{"lobby"});
  check(std::vector<connection_info>{{"alice", me}});
  check(std::vector<room_info>{{"lobby", me}});
  check(std::vector<caf::actor>{me});
}

CAF_TEST(every message of a service survives the way to another node) {
  for (auto tag : {type_tag::string, type_tag::bytes, type_tag::json}) {
    msg::question asked{"add", "alice", "ann", tag, "[1,\xff"};
    auto x = round_trip(asked);
    CAF_CHECK_EQUAL(printed(x), printed(asked));
    CAF_CHECK(x.tag == tag);
    CAF_CHECK_EQUAL(x.payload, asked.payload);
    auto y = round_trip(msg::answer{tag, "[]"});
    CAF_CHECK(y.tag == tag);
    CAF_CHECK_EQUAL(y.payload, "[]");
  }
  auto why = refuse("full", "come again", std::chrono::seconds{1});
  CAF_CHECK(to_refusal(round_trip(refuse_with(why))) == why);
}

CAF_TEST(every message of a cluster survives the way to another node) {
  using namespace troupe::actors;
  auto me = caf::actor_cast<caf::actor>(self);
  check(node_info{"a", "a:1", 1, link_state::up, 2, 3, 4, 5, 6, 7, 8, {"b"}});
  check(std::vector<node_info>{{"a", "a:1"}, {"", "b:1"}});
  check(nodes{});
  check(subscribe_nodes{me});
  check(register_actor{"bot", me});
  check(find_actor{"bot"});
  check(node_up{"a", "a:1"});
  check(node_down{"a", "a:1", "left"});
  check(actor_up{"bot", me});
  check(actor_down{"bot", me});
  check(hello{"troupe",
              "troupe/1",
              "a",
              7,
              "a:1",
              true,
              {{"b", "b:1"}},
              {{"/", me, nullptr}, {"/chat", nullptr, me}},
              {{"bot", me}}});
  check(refused{"why"});
  check(heartbeat{});
  check(introduction{{"b", "b:1"}});
  check(name_up{{"bot", me}});
  check(name_down{"bot"});
  check(goodbye{});
  check(leave_ack{});
  check(sees{{"b", "c"}});
}

CAF_TEST(every message of a bridge survives the way to another node) {
  using namespace troupe::actors;
  auto me = caf::actor_cast<caf::actor>(self);
  check(wire_batch{1, 2, "bytes"});
  check(wire_batch_done{1});
  check(interest_update{1, true, {"lobby"}, {"attic"}});
  check(resync{});
  check(question{1, caf::make_message(msg::total_connections{})});
  check(forward_local{"alice", caf::make_message(msg::is_joined{"lobby"})});
  check(answer{1, caf::make_message(true), make_error(errc::no_answer)});
  check(send_events{});
  check(
    actors::event_report{caf::make_message(msg::connection_up{"alice", me})});
  check(control_done{3});
}

CAF_TEST(frames and batches survive with all their bytes) {
  auto x = frame::binary(std::string_view{"a\0\xff", 3});
  CAF_CHECK(round_trip(msg::emit{x}).message == x);
  batch xs{{text("one", 1), text("two", 2, true), {x, 1, false}}};
  CAF_CHECK(round_trip(msg::deliver{xs, "lobby"}).messages == xs);
}

CAF_TEST(a batch leaves out what a direct_receiver is to skip) {
  batch x{{text("a", 1), text("b", 2, true), text("c", 2, true), text("d", 1),
           text("e", 1, true)}};
  CAF_CHECK_EQUAL(heard_by(x, 3), (strings{"a", "b", "c", "d", "e"}));
  CAF_CHECK_EQUAL(heard_by(x, 2), (strings{"a", "d", "e"}));
  CAF_CHECK_EQUAL(heard_by(x, 1), (strings{"a", "b", "c", "d"}));
  CAF_CHECK_EQUAL(heard_by(batch{}, 1), strings{});
  CAF_CHECK_EQUAL(heard_by(batch{{text("mine", 1, true)}}, 1), strings{});
}

CAF_TEST(a batch of one message is that message without a copy) {
  auto x = frame::text("only");
  batch{{{x, 1, false}}}.for_each_slice(2, [&](const slice& y) {
    CAF_CHECK_EQUAL(y.bytes.data(), x.wire().bytes.data());
  });
}

CAF_TEST_FIXTURE_SCOPE_END()
