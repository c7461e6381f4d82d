#define CAF_SUITE actors.address_book

#include "actors/cluster/address_book.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using troupe::actors::address_book;

namespace {

using strings = std::vector<std::string>;

constexpr auto head_start = 4s;

struct fixture {
  address_book book{"m", head_start, 5s, 1};
  address_book::time_point now{1h};

  /// Fails each dial of the only address until it is not dialed anymore.
  /// @returns the wait before each dial.
  std::vector<caf::timespan> fail_for(caf::timespan how_long) {
    std::vector<caf::timespan> waits;
    auto end = now + how_long;
    auto last = now;
    for (auto due = book.next(); due && *due <= end; due = book.next()) {
      now = *due;
      waits.push_back(now - last);
      last = now;
      for (const auto& x : book.pop_due(now))
        book.failed(x, "refused", now);
    }
    return waits;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(address_book_tests, fixture)

CAF_TEST(a seed is dialed at once and only once at a time) {
  book.add_seed("a:1", now);
  CAF_CHECK_EQUAL(book.pop_due(now), strings{"a:1"});
  CAF_CHECK_EQUAL(book.pop_due(now + 1h), strings{});
  CAF_CHECK_EQUAL(book.unmet(), strings{"a:1"});
}

CAF_TEST(an address that fails is tried ever more rarely with some chance) {
  book.add_seed("a:1", now);
  auto waits = fail_for(10min);
  CAF_REQUIRE(waits.size() > 100);
  CAF_CHECK_EQUAL(waits[0], 0s);
  auto most = caf::timespan{200ms};
  bool differs = false;
  for (size_t i = 1; i < waits.size(); ++i) {
    auto least = std::max<caf::timespan>(most / 2, 100ms);
    CAF_CHECK_GREATER_OR_EQUAL(waits[i], least);
    CAF_CHECK_LESS_OR_EQUAL(waits[i], most);
    differs |= waits[i] != waits.back();
    most = std::min<caf::timespan>(most * 2, 5s);
  }
  CAF_CHECK(differs);
}

CAF_TEST(two nodes wait different times) {
  address_book other{"n", head_start, 5s, 2};
  book.add_seed("a:1", now);
  other.add_seed("a:1", now);
  for (auto* x : {&book, &other})
    x->failed(x->pop_due(now).front(), "refused", now);
  CAF_CHECK(book.next() != other.next());
}

CAF_TEST(a seed is tried for ever and a learned address for an hour) {
  book.add_seed("a:1", now);
  fail_for(48h);
  CAF_CHECK_EQUAL(book.unmet(), strings{"a:1"});
  address_book fresh{"m", head_start, 5s, 1};
  book = fresh;
  book.learn("b:1", "z", now);
  fail_for(59min);
  CAF_CHECK_EQUAL(book.unmet(), strings{"b:1"});
  fail_for(2min);
  CAF_CHECK_EQUAL(book.unmet(), strings{});
  CAF_CHECK(!book.next());
}

CAF_TEST(the hour begins when a node is lost) {
  book.learn("b:1", "z", now);
  book.pop_due(now);
  book.met("b:1", "z");
  now += 10h;
  book.lost("z", now);
  fail_for(59min);
  CAF_CHECK_EQUAL(book.unmet(), strings{"b:1"});
}

CAF_TEST(of two nodes the lower dials at once and the other after a while) {
  book.learn("low:1", "a", now);
  book.learn("high:1", "z", now);
  CAF_CHECK_EQUAL(book.pop_due(now), strings{"high:1"});
  CAF_CHECK_EQUAL(book.pop_due(now + head_start - 1ns), strings{});
  CAF_CHECK_EQUAL(book.pop_due(now + head_start), strings{"low:1"});
}

CAF_TEST(a node that is met is not dialed until it is lost) {
  book.add_seed("z:1", now);
  book.pop_due(now);
  CAF_CHECK(book.met("z:1", "z"));
  CAF_CHECK(!book.met("z:1", "z"));
  book.met("localhost:1", "z");
  CAF_CHECK(!book.next());
  CAF_CHECK_EQUAL(book.unmet(), strings{});
  book.lost("z", now);
  CAF_CHECK_EQUAL(book.pop_due(now), (strings{"localhost:1", "z:1"}));
}

CAF_TEST(a node that has left is looked for only at seeds) {
  book.add_seed("seed:1", now);
  book.met("seed:1", "z");
  book.met("z:1", "z");
  book.left("z", now);
  CAF_CHECK_EQUAL(book.unmet(), strings{"seed:1"});
}

CAF_TEST(the own address is never dialed) {
  book.add_seed("me:1", now);
  book.pop_due(now);
  book.mark_own("me:1");
  book.learn("me:1", "z", now);
  book.met("me:1", "z");
  book.lost("z", now);
  CAF_CHECK(!book.next());
  book.learn("elsewhere:1", "m", now);
  CAF_CHECK(!book.next());
}

CAF_TEST(a seed that led back is tried like one that failed) {
  book.add_seed("shared:1", now);
  book.pop_due(now);
  CAF_CHECK(book.led_back("shared:1", now));
  CAF_CHECK_EQUAL(book.unmet(), strings{});
  for (auto most = caf::timespan{200ms}; most < 5s; most *= 2) {
    CAF_REQUIRE(book.next());
    CAF_CHECK_GREATER_OR_EQUAL(*book.next() - now, most / 2);
    CAF_CHECK_LESS_OR_EQUAL(*book.next() - now, most);
    now = *book.next();
    CAF_CHECK_EQUAL(book.pop_due(now), strings{"shared:1"});
    CAF_CHECK(!book.led_back("shared:1", now));
  }
  now = *book.next();
  book.pop_due(now);
  CAF_CHECK(book.failed("shared:1", "refused", now));
  CAF_CHECK_EQUAL(book.unmet(), strings{"shared:1"});
}

CAF_TEST(a seed that leads elsewhere is tried once a minute) {
  book.add_seed("shared:1", now);
  book.pop_due(now);
  book.met_elsewhere("shared:1", "z", now);
  for (auto i = 0; i < 4; ++i) {
    CAF_REQUIRE(book.next());
    CAF_CHECK_GREATER_OR_EQUAL(*book.next() - now, 30s);
    CAF_CHECK_LESS_OR_EQUAL(*book.next() - now, 60s);
    now = *book.next();
    CAF_CHECK_EQUAL(book.pop_due(now), strings{"shared:1"});
    CAF_CHECK_EQUAL(book.pop_due(now), strings{});
    if (i == 0)
      CAF_CHECK(!book.failed("shared:1", "refused", now));
    else if (i == 1)
      CAF_CHECK(!book.led_back("shared:1", now));
    else
      book.met_elsewhere("shared:1", "y", now);
  }
  book.lost("y", now);
  CAF_CHECK_EQUAL(book.unmet(), strings{"shared:1"});
}

CAF_TEST(a learned address that leads back is not dialed again) {
  book.learn("z:1", "z", now);
  book.pop_due(now);
  CAF_CHECK(!book.led_back("z:1", now));
  CAF_CHECK(!book.next());
}

CAF_TEST(a node that hears of a waiting address again keeps waiting) {
  book.learn("z:1", "z", now);
  fail_for(1min);
  auto due = book.next();
  book.learn("z:1", "z", now);
  CAF_CHECK(book.next() == due);
  book.learn("z:1", "zz", now); // Another process.
  CAF_CHECK(book.next() == now);
}

CAF_TEST(a failure is news once) {
  book.add_seed("a:1", now);
  auto fail = [&](const char* why) {
    now = *book.next();
    return book.failed(book.pop_due(now).front(), why, now);
  };
  CAF_CHECK(fail("refused"));
  CAF_CHECK(!fail("refused"));
  CAF_CHECK(fail("no route"));
  CAF_CHECK(!book.failed("a:1", "not asked for", now));
  CAF_CHECK(!book.failed("b:1", "unknown", now));
}

CAF_TEST_FIXTURE_SCOPE_END()
