#define CAF_SUITE actors.event_exchange

#include "actors/cluster/event_exchange.hpp"

#include "support/bridge_part_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using test::strings;

namespace {

struct owner final : test::bridge_part_owner {
  using bridge_part_owner::bridge_part_owner;

  event_exchange events{ends, out, losses};
};

struct fixture : test::bridge_part_fixture<owner> {
  void hear(caf::message what, uint64_t round) {
    act([=](owner& x) { x.events.hear({what, round}); });
  }

  void begin(uint64_t round) {
    act([=](owner& x) { x.events.begin(round); });
  }

  void come(const std::string& id) {
    act([=](owner& x) { x.events.report(msg::connection_up{id, nullptr}); });
  }
};

caf::message up(const std::string& id) {
  return caf::make_message(msg::connection_up{id, nullptr});
}

caf::message down(const std::string& id, const std::string& why) {
  return caf::make_message(msg::connection_down{id, close_code::normal, why});
}

const std::string broken = "\xff";

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_exchange_tests, fixture)

CAF_TEST(events of the round that is wanted reach the registry) {
  meet();
  act([](owner& x) { x.events.want(2); });
  CAF_CHECK(news(peer) == strings{"send 2"});
  hear(up("bob"), 1);
  hear(up("bob"), 2);
  hear(down("bob", "bye"), 2);
  CAF_CHECK(news(registry)
            == (strings{"+bob of round 2", "-bob bye of round 2"}));
}

CAF_TEST(text that is not UTF-8 does not hide an end) {
  meet();
  act([](owner& x) { x.events.want(1); });
  hear(up(broken), 1);
  hear(down("bob", broken), 1);
  CAF_CHECK(news(registry) == strings{"-bob  of round 1"});
  act([](owner& x) { CAF_CHECK_EQUAL(x.counters->lost, 2u); });
}

CAF_TEST(the other node is told of those that are there and then of changes) {
  connections = {{"alice", nullptr}};
  meet();
  come("early");
  begin(1);
  come("bob");
  CAF_CHECK(news(registry) == (strings{"unwatch", "watch"}));
  CAF_CHECK(news(peer) == (strings{"+alice of round 1", "+bob of round 1"}));
}

CAF_TEST(what comes before the list is in it) {
  connections = {{"alice", nullptr}};
  meet();
  act([](owner& x) {
    x.events.begin(1);
    x.events.report(msg::connection_up{"alice", nullptr});
  });
  CAF_CHECK(news(peer) == strings{"+alice of round 1"});
}

CAF_TEST(a round that is over is told nothing) {
  connections = {{"alice", nullptr}};
  meet();
  act([](owner& x) {
    x.events.begin(1);
    x.events.begin(2);
    x.events.begin(2); // a known round
  });
  CAF_CHECK(news(peer) == strings{"+alice of round 2"});
  begin(0);
  come("bob");
  CAF_CHECK(news(peer).empty());
}

CAF_TEST(a request that came first is met later) {
  connections = {{"alice", nullptr}};
  begin(1);
  CAF_CHECK(news(registry) == strings{"unwatch"});
  meet();
  act([](owner& x) { x.events.on_met(); });
  CAF_CHECK(news(peer) == strings{"+alice of round 1"});
}

CAF_TEST_FIXTURE_SCOPE_END()
