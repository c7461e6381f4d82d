#define CAF_SUITE actors.inbound_sequencer

#include "actors/cluster/inbound_sequencer.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::actors;

namespace {

using strings = std::vector<std::string>;

struct fixture {
  void add(const std::string& room, uint64_t from, const std::string& text) {
    in.add(recipient::room(room), {frame::text(text), from, false, true});
  }

  /// Returns the arrivals that may be sent now, such as `lobby: hi there`.
  /// Stores their tickets.
  strings ready() {
    strings result;
    for (auto& x : in.take_ready()) {
      auto line = x.to.name + ':';
      for (const auto& entry : x.messages)
        line += ' ' + std::string{entry.message.payload()};
      result.push_back(line);
      tickets.push_back(x.ticket);
    }
    return result;
  }

  /// Settles the arrival that was sent as the `i`th.
  void settle(size_t i) {
    in.settle(tickets.at(i));
  }

  inbound_sequencer in;
  std::vector<uint64_t> tickets;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(arrivals_tests, fixture)

CAF_TEST(messages to one room go together) {
  in.begin_wire_batch();
  add("a", 1, "x");
  add("a", 2, "y");
  add("a", 1, "z");
  CAF_CHECK_EQUAL(ready(), strings{"a: x y z"});
  CAF_CHECK_EQUAL(in.done(), 0u);
  CAF_CHECK_EQUAL(in.count_of(tickets.at(0)), 3u);
  settle(0);
  CAF_CHECK_EQUAL(in.done(), 1u);
  CAF_CHECK(in.empty());
}

CAF_TEST(C58 a room has as few runs as the order of each sender allows) {
  in.begin_wire_batch();
  add("a", 1, "1");
  add("b", 1, "2");
  add("a", 2, "x"); // another sender: joins the first arrival
  add("a", 1, "3");
  add("b", 2, "y");
  add("a", 1, "4");
  CAF_CHECK_EQUAL(ready(), (strings{"a: 1 x", "b: 2 y", "a: 3 4"}));
  settle(0);
  settle(2);
  CAF_CHECK_EQUAL(in.done(), 0u);
  settle(1);
  CAF_CHECK_EQUAL(in.done(), 1u);
}

CAF_TEST(C58 a sender in many rooms is in order) {
  in.begin_wire_batch();
  add("a", 2, "x");
  add("b", 1, "1");
  add("a", 1, "2"); // not in the first arrival, which precedes "1"
  CAF_CHECK_EQUAL(ready(), (strings{"a: x", "b: 1", "a: 2"}));
}

CAF_TEST(wire_batches are done in order) {
  in.begin_wire_batch();
  add("a", 1, "1");
  ready();
  in.begin_wire_batch();
  add("b", 2, "2");
  ready();
  settle(1);
  CAF_CHECK_EQUAL(in.done(), 0u);
  settle(0);
  CAF_CHECK_EQUAL(in.done(), 2u);
}

CAF_TEST(an empty wire_batch is done at once) {
  in.begin_wire_batch();
  ready();
  CAF_CHECK_EQUAL(in.done(), 1u);
}

CAF_TEST(a ticket counts once and a strange one not at all) {
  in.begin_wire_batch();
  add("a", 1, "1");
  ready();
  in.settle(77);
  CAF_CHECK(!in.empty());
  settle(0);
  settle(0);
  CAF_CHECK(in.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
