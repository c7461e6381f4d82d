#define CAF_SUITE actors.bridge_bounds

#include "actors/cluster/bridge_actor.hpp"
#include "support/cluster_stage.hpp"
#include "support/fixture.hpp"

#include <caf/scoped_actor.hpp>

#include <map>
#include <set>

using namespace troupe;
using test::strings;

/// A bridge with a slow counterpart: what is in flight or queued is bounded,
/// and a counterpart that continues receives the current state.

namespace {

using namespace std::chrono_literals;

struct fixture : test::fixture {
  fixture() {
    bridge = make_bridge("peer");
    run();
  }

  ~fixture() {
    caf::anon_send(bridge, actors::dismiss{});
    run();
  }

  /// Spawns a bridge whose counterpart is the test.
  caf::actor make_bridge(const std::string& node) {
    auto res = actors::spawn_pinned<actors::bridge_actor>(
      sys, nullptr, server.registry(), node, actors::bridge_limits{}, counters);
    caf::anon_send(res, actors::meet{caf::actor_cast<caf::actor>(self)});
    return res;
  }

  /// Runs all actors without advancing time. `run` advances it until no
  /// question is open.
  void settle() {
    sched.run();
  }

  template <class T>
  void to_bridge(T what) {
    self->send(bridge, std::move(what));
    settle();
  }

  /// Makes the counterpart process its messages.
  /// @returns the number of messages that require an acknowledgment.
  size_t read() {
    auto before = taken;
    while (!self->mailbox().empty())
      self->receive([this](const actors::interest_update& x) { take(x); },
                    [this](const actors::event_report& x) { take(x); },
                    [this](const actors::question& x) { take(x); },
                    [this](const actors::answer& x) { take(x); },
                    [this](const actors::control_done& x) { done = x.count; },
                    [](actors::send_events) {},
                    [this](actors::resync) { ++snapshots_wanted; },
                    [](const actors::wire_batch&) {},
                    [](const actors::wire_batch_done&) {});
    return taken - before;
  }

  void take(const actors::interest_update& x) {
    ++taken;
    for (const auto& room : x.vacated)
      CAF_CHECK_EQUAL(rooms_told.erase(room), 1u);
    for (const auto& room : x.populated)
      CAF_CHECK(rooms_told.insert(room).second);
  }

  void take(const actors::event_report& x) {
    ++taken;
    if (x.what.match_elements<msg::connection_up>()) {
      const auto& up = x.what.get_as<msg::connection_up>(0);
      CAF_CHECK(told.emplace(up.id, up.handle).second);
    } else {
      const auto& down = x.what.get_as<msg::connection_down>(0);
      CAF_CHECK_EQUAL(told.erase(down.id), 1u);
    }
  }

  void take(const actors::question& x) {
    ++taken;
    asked.push_back(x.number);
  }

  void take(const actors::answer& x) {
    ++taken;
    CAF_CHECK(answered.insert(x.number).second);
  }

  /// Makes the counterpart acknowledge and read until no more messages arrive.
  void read_all() {
    do
      to_bridge(actors::control_done{taken});
    while (read() > 0);
  }

  /// Returns an id of the default form, which need not be announced.
  static std::string id_of(const std::string& name) {
    auto digits = std::to_string(std::hash<std::string>{}(name)).substr(0, 12);
    return "3f1c2a00-0000-4000-8000-" + std::string(12 - digits.size(), '0')
           + digits + "@0000000a";
  }

  test::fake_client come(const std::string& name) {
    auto res = server.connect(id_of(name));
    settle();
    here[id_of(name)] = res.actor;
    return res;
  }

  void go(test::fake_client& who, const std::string& name) {
    who.hang_up();
    settle();
    here.erase(id_of(name));
  }

  /// Sends a question to the other node.
  void ask_remote() {
    last = std::make_unique<response>(asker->request(
      bridge, caf::infinite,
      actors::ask_remote{caf::make_message(msg::total_connections{})}));
    settle();
  }

  /// Returns the error that answers the last question.
  caf::error last_error() {
    caf::error res;
    last->receive([](uint64_t) {}, [&](caf::error& x) { res = std::move(x); });
    return res;
  }

  void answer_all() {
    for (auto number : std::exchange(asked, {}))
      self->send(bridge,
                 actors::answer{number, caf::make_message(uint64_t{3}), {}});
    settle();
  }

  void wait(std::chrono::seconds time) {
    for (; time > 0s; time -= 1s) {
      advance_time(1s);
      settle();
    }
  }

  static constexpr size_t window = 256;
  static constexpr size_t most_questions = 1024;

  using response = decltype(std::declval<caf::scoped_actor&>()->request(
    caf::actor{}, caf::infinite, actors::ask_remote{}));

  std::shared_ptr<actors::bridge_counters> counters
    = std::make_shared<actors::bridge_counters>();
  caf::actor bridge;
  caf::scoped_actor asker{sys};
  std::unique_ptr<response> last;

  // state of the counterpart
  size_t taken = 0;
  uint64_t done = 0; ///< Of the counterpart's messages.
  size_t snapshots_wanted = 0;
  std::set<std::string> rooms_told;
  std::map<std::string, caf::actor> told;
  std::vector<uint64_t> asked;
  std::set<uint64_t> answered;

  std::map<std::string, caf::actor> here; ///< The current connections.
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(link_bounds_tests, fixture)

CAF_TEST(rooms wait for who does not acknowledge) {
  auto alice = connect("alice");
  for (auto i = 0; i < 400; ++i) {
    auto room = "room" + std::to_string(i);
    say(alice, "m:join;0;" + room);
    if (i % 4 != 0)
      say(alice, "m:leave;0;" + room);
  }
  wait(3s);
  CAF_CHECK_EQUAL(read(), window);
  read_all();
  CAF_CHECK_EQUAL(rooms_told.size(), 100u);
  CAF_CHECK_EQUAL(rooms_told.count("room396"), 1u);
}

CAF_TEST(events wait for who does not acknowledge) {
  to_bridge(actors::send_events{});
  auto early = come("early");
  auto fickle = come("fickle");
  for (auto i = 0; i < 2000; ++i) {
    auto id = std::to_string(i);
    auto who = come(id);
    if (i % 4 != 0)
      go(who, id);
  }
  go(early, "early");
  go(fickle, "fickle");
  fickle = come("fickle");
  CAF_CHECK_EQUAL(read(), window);
  CAF_CHECK_EQUAL(told.count(id_of("early")), 1u);
  read_all();
  CAF_CHECK(told == here);
  CAF_CHECK_LESS(taken, window + 1024 + 510);
  CAF_CHECK_GREATER(counters->events_dropped, 0u);
}

CAF_TEST(who is there already is told once) {
  for (auto i = 0; i < 400; ++i)
    come(std::to_string(i));
  to_bridge(actors::send_events{});
  to_bridge(actors::send_events{});
  come("late");
  CAF_CHECK_EQUAL(read(), window);
  read_all();
  CAF_CHECK(told == here);
  CAF_CHECK_EQUAL(taken, 401u);
}

CAF_TEST(no more questions are open than so many) {
  for (size_t i = 0; i < most_questions; ++i)
    ask_remote();
  CAF_CHECK_EQUAL(read(), window);
  CAF_CHECK(asker->mailbox().empty());
  ask_remote();
  CAF_REQUIRE(!asker->mailbox().empty()); // at once
  CAF_CHECK(last_error() == errc::no_answer);
  CAF_CHECK_EQUAL(counters->questions_refused, 1u);
  read_all();
  CAF_CHECK_EQUAL(asked.size(), most_questions);
  answer_all();
  ask_remote();
  read_all();
  answer_all();
  CAF_CHECK(!last_error());
}

CAF_TEST(what a question brings along counts as well) {
  auto text = frame::text(std::string(1024 * 1024, 'x'));
  auto emit_afar = [&] {
    asker->send(bridge,
                actors::ask_remote{caf::make_message(actors::forward_local{
                  "bob", caf::make_message(msg::emit{text})})});
    settle();
  };
  for (auto i = 0; i < 20; ++i)
    emit_afar();
  CAF_CHECK_EQUAL(counters->questions_refused, 5u);
  CAF_CHECK_EQUAL(read(), 1u);
  read_all();
  CAF_CHECK_EQUAL(taken, 15u);
}

CAF_TEST(a question that nobody answers is given up) {
  for (size_t i = 0; i < most_questions; ++i)
    ask_remote();
  wait(8s);
  CAF_CHECK(asker->mailbox().empty());
  wait(3s);
  CAF_REQUIRE(!asker->mailbox().empty());
  CAF_CHECK(last_error() == errc::no_answer);
  // Questions that were queued are not sent anymore.
  read_all();
  CAF_CHECK_EQUAL(taken, window);
  // Late answers have no receiver but make room for new questions.
  answer_all();
  ask_remote();
  read_all();
  CAF_CHECK_EQUAL(asked.size(), 1u);
  answer_all();
  CAF_CHECK(!last_error());
}

CAF_TEST(answers wait for who does not acknowledge) {
  for (uint64_t i = 1; i <= most_questions; ++i)
    self->send(
      bridge, actors::question{i, caf::make_message(msg::total_connections{})});
  run();
  CAF_CHECK_EQUAL(read(), window);
  // The counterpart has given up some questions and sends new ones. There is
  // room, since questions whose answers are in flight do not count.
  for (uint64_t i = 1; i <= most_questions; ++i)
    self->send(bridge,
               actors::question{most_questions + i,
                                caf::make_message(msg::total_connections{})});
  run();
  CAF_CHECK_EQUAL(read(), 0u);
  CAF_CHECK_EQUAL(counters->questions_refused, most_questions - window);
  read_all();
  CAF_CHECK_EQUAL(answered.size(), most_questions + window);
}

CAF_TEST(no kind waits for all of another) {
  for (size_t i = 0; i < most_questions; ++i)
    ask_remote();
  to_bridge(actors::send_events{});
  come("alice");
  read();
  to_bridge(actors::control_done{8});
  read();
  CAF_CHECK(told == here);
}

CAF_TEST(what came is acknowledged once the registry has read it) {
  for (uint64_t i = 1; i <= 10; ++i)
    self->send(bridge,
               actors::interest_update{i, false, {std::to_string(i)}, {}});
  self->send(bridge, actors::event_report{
                       caf::make_message(msg::connection_down{"x", {}, ""})});
  self->send(bridge,
             actors::question{1, caf::make_message(msg::total_connections{})});
  self->send(bridge, actors::answer{1, {}, {}});
  for (auto i = 0; i < 13; ++i) {
    CAF_REQUIRE(sched.prioritize(bridge));
    sched.run_once();
  }
  read();
  CAF_CHECK_EQUAL(done, 0u);
  run();
  read();
  CAF_CHECK_EQUAL(done, 13u);
}

CAF_TEST(who speaks before we have met it is answered then) {
  bridge = actors::spawn_pinned<actors::bridge_actor>(
    sys, nullptr, server.registry(), "early", actors::bridge_limits{},
    counters);
  come("alice");
  to_bridge(actors::send_events{});
  to_bridge(actors::question{1, caf::make_message(msg::total_connections{})});
  to_bridge(actors::interest_update{1, false, {"lobby"}, {}});
  to_bridge(actors::meet{caf::actor_cast<caf::actor>(self)});
  read();
  CAF_CHECK(told == here);
  CAF_CHECK_EQUAL(answered.size(), 1u);
  CAF_CHECK_EQUAL(done, 2u);
  CAF_CHECK_EQUAL(snapshots_wanted, 1u);
  to_bridge(actors::interest_update{2, true, {"lobby"}, {}});
  read();
  CAF_CHECK_EQUAL(snapshots_wanted, 1u);
  CAF_CHECK_EQUAL(
    ask<std::vector<room_info>>(server.registry(), msg::rooms{}).size(), 1u);
}

CAF_TEST(a node with too many questions is named) {
  for (size_t i = 0; i < most_questions; ++i)
    ask_remote();
  auto count = ask<partial<uint64_t>>(
    server.registry(),
    msg::survey{caf::make_message(msg::total_connections{})});
  CAF_CHECK_EQUAL(count.silent, strings{"peer"});
  // The same applies to questions about the rooms of a connection.
  to_bridge(actors::interest_update{1, false, {}, {}, {{"bob", 1, 1}}});
  ask<bool>(server.registry(),
            msg::forward{"bob", caf::make_message(msg::is_joined{"lobby"})});
  CAF_CHECK(failure == errc::no_answer);
}

CAF_TEST(nodes agree after more than a window of everything) {
  test::cluster_stage cluster{sys, 2};
  run();
  self->send(cluster[0].registry(), msg::subscribe{nullptr, true});
  run();
  std::vector<test::fake_client> clients;
  for (size_t i = 0; i < 600; ++i)
    clients.push_back(cluster[1].connect("c" + std::to_string(i)));
  run();
  for (size_t i = 0; i < 600; ++i)
    clients[i].say("m:join;0;r" + std::to_string(i));
  run();
  for (size_t i = 0; i < 600; i += 2)
    clients[i].hang_up();
  run();
  std::set<std::string> known;
  std::set<std::string> open;
  while (!self->mailbox().empty())
    self->receive([&](const msg::connection_up& x) { known.insert(x.id); },
                  [&](const msg::connection_down& x) { known.erase(x.id); },
                  [&](const msg::room_up& x) { open.insert(x.name); },
                  [&](const msg::room_down& x) { open.erase(x.name); });
  CAF_CHECK_EQUAL(known.size(), 300u);
  CAF_CHECK_EQUAL(open.size(), 300u);
  cluster.stop();
  run();
}

CAF_TEST_FIXTURE_SCOPE_END()
