#define CAF_SUITE bench.attendance

#include "apps/bench/attendance.hpp"

#include "caf/test/dsl.hpp"

#include "apps/bench/violation.hpp"

#include <string>
#include <vector>

using namespace troupe::bench;

namespace {

/// How far the one sender is.
std::vector<said> at(std::uint32_t published, std::uint32_t sent) {
  return {{published, sent}};
}

struct fixture {
  attendance seen{9, 1};

  void hear(std::uint32_t first, std::uint32_t last) {
    for (auto i = first; i <= last; ++i)
      seen.enter(0, i);
  }

  /// @returns what is wrong with a message, behind the words who got which.
  std::string fault(std::uint32_t seq, std::uint32_t sender = 0) {
    try {
      seen.enter(sender, seq);
      return {};
    } catch (const violation& error) {
      std::string text = error.what();
      auto who = " of sender " + std::to_string(sender);
      auto begin = text.find(who);
      return begin == text.npos ? text : text.substr(begin + who.size());
    }
  }

  /// Message 4 is under way while it leaves.
  void leave_at_4() {
    hear(0, 3);
    seen.will_leave(at(4, 5));
    seen.has_left(at(4, 5));
  }

  /// Message 10 is under way when it asks, message 12 when it is answered.
  void leave_at_4_and_join_at_10() {
    leave_at_4();
    seen.will_join(at(10, 11));
    seen.has_joined(at(12, 13));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(attendance_tests, fixture)

CAF_TEST(who stays gets all in order and once) {
  hear(0, 3);
  CAF_CHECK_EQUAL(fault(3), " twice or late");
  CAF_CHECK_EQUAL(fault(5), " and awaited 4");
  CAF_CHECK_EQUAL(fault(4), "");
}

CAF_TEST(nobody else may send) {
  CAF_CHECK(fault(0, 1).ends_with("who sends it none"));
}

CAF_TEST(who leaves may hear what is under way) {
  leave_at_4();
  CAF_CHECK_EQUAL(fault(4), "");
}

CAF_TEST(who has left hears nothing that is sent later) {
  leave_at_4();
  CAF_CHECK_EQUAL(fault(5), ", sent after it had left");
  CAF_CHECK_EQUAL(fault(4), "");
  CAF_CHECK_EQUAL(fault(5), ", sent after it had left");
}

CAF_TEST(who leaves is owed what was published before) {
  hear(0, 2);
  seen.will_leave(at(4, 5));
  seen.has_left(at(5, 6));
  CAF_CHECK(seen.missing().ends_with("awaits 3"));
  hear(3, 3);
  CAF_CHECK_EQUAL(seen.missing(), "");
}

CAF_TEST(who joins may begin with what is under way) {
  for (auto first : {10u, 11u, 12u, 13u}) {
    fixture one;
    one.leave_at_4_and_join_at_10();
    one.hear(first, 20);
    CAF_CHECK_EQUAL(one.fault(22), " and awaited 21");
  }
}

CAF_TEST(who joins hears nothing that was published before) {
  leave_at_4_and_join_at_10();
  CAF_CHECK_EQUAL(fault(9), ", published before it joined");
  CAF_CHECK_EQUAL(fault(5), ", published before it joined");
}

CAF_TEST(who has joined hears all that is sent later) {
  leave_at_4_and_join_at_10();
  CAF_CHECK_EQUAL(fault(14), " first and had joined before 13");
}

CAF_TEST(what was under way at the leave may come after the join) {
  leave_at_4_and_join_at_10();
  hear(4, 4);
  hear(12, 14);
  CAF_CHECK_EQUAL(fault(4), " twice or late");
}

CAF_TEST(who has joined and hears nothing is owed what was sent since) {
  leave_at_4_and_join_at_10();
  seen.stays(at(13, 13));
  CAF_CHECK_EQUAL(seen.missing(), "");
  seen.stays(at(14, 14));
  CAF_CHECK(!seen.missing().empty());
  hear(13, 13);
  CAF_CHECK_EQUAL(seen.missing(), "");
}

CAF_TEST(who hears nothing between join and leave may have been too quick) {
  leave_at_4_and_join_at_10();
  seen.will_leave(at(13, 14));
  seen.has_left(at(13, 14));
  CAF_CHECK_EQUAL(seen.missing(), "");
  CAF_CHECK_EQUAL(fault(4), " twice or late");
  CAF_CHECK_EQUAL(fault(14), ", sent after it had left");
  seen.will_join(at(20, 21));
  seen.has_joined(at(20, 21));
  hear(21, 22);
}

CAF_TEST(who was long enough between join and leave must have heard something) {
  leave_at_4_and_join_at_10();
  seen.will_leave(at(14, 15));
  seen.has_left(at(15, 16));
  CAF_CHECK(!seen.missing().empty());
  hear(12, 13);
  CAF_CHECK_EQUAL(seen.missing(), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
