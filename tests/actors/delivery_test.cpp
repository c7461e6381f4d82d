#define CAF_SUITE actors.delivery

#include "support/cluster_stage.hpp"
#include "support/delivery_model.hpp"
#include "support/delivery_world.hpp"
#include "support/fake_event_loops.hpp"
#include "support/fixture.hpp"
#include "support/posting_upper_layer.hpp"
#include "support/seeds.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace troupe;

namespace {

using model = test::delivery_model;
namespace delivery = test::delivery;

/// The sums over several schedules.
struct tally {
  size_t deliveries = 0;
  size_t heard_in_holds = 0;
  size_t removals = 0;
  size_t decisions = 0;
  size_t tie_changes = 0;
  size_t heard_by_namesakes = 0;

  void add(const model& x) {
    deliveries += x.deliveries();
    heard_in_holds += x.heard_in_holds();
    removals += x.removals();
    decisions += x.decisions();
    tie_changes += x.tie_changes_made();
    heard_by_namesakes += x.heard_by_namesakes();
  }
};

struct fixture : test::fixture {
  /// Lets random actors handle up to `most` messages.
  void run_a_little(std::mt19937& random, size_t most) {
    for (auto n = random() % (most + 1); n > 0 && sched.has_job(); --n)
      run_any(random);
  }

  void run_any(std::mt19937& random) {
    auto i = random() % sched.jobs.size();
    if (sched.jobs[i] == frozen_job())
      return;
    std::swap(sched.jobs[0], sched.jobs[i]);
    sched.run_once();
  }

  void run_in_any_order(std::mt19937& random) {
    frozen_ = nullptr;
    while (sched.has_job())
      run_a_little(random, 100);
  }

  caf::resumable* frozen_job() const {
    return frozen_ ? &dynamic_cast<caf::scheduled_actor&>(
             *caf::actor_cast<caf::abstract_actor*>(frozen_))
                   : nullptr;
  }

  delivery::world world_at(test::stage& stage, std::mt19937& random) {
    auto settle = [&] { run_in_any_order(random); };
    return {
      .connect = [&](std::string id) { return stage.connect(std::move(id)); },
      .between_steps = [&] { run_a_little(random, 12); },
      .quiesce = [settle](const auto&) { settle(); },
      .hire =
        [&](const auto&, auto pages, bool is_careful) {
          return sys.spawn<test::bot>(stage.registry(), pages, is_careful);
        },
      .registry_of = [&](size_t) { return stage.registry(); },
      .announce = [&](size_t, const recipient& to,
                      const frame& x) { stage.voice().send_to(to, x); },
      .questions = questions_by([&](size_t) { return stage.registry(); },
                                settle)};
  }

  delivery::questions
  questions_by(std::function<caf::actor(size_t)> registry_of,
               std::function<void()> settle) {
    return {
      .rooms_at =
        [=, this](size_t node) {
          std::map<std::string, std::vector<caf::actor>> res;
          auto at = registry_of(node);
          for (auto& x : ask<std::vector<room_info>>(at, msg::rooms{}, settle))
            res.emplace(x.name, ask<std::vector<caf::actor>>(
                                  x.handle, msg::members{}, settle));
          return res;
        },
      .connections_in =
        [=, this](size_t node, const std::string& room) {
          test::strings res;
          for (auto& x : ask<std::vector<connection_info>>(
                 registry_of(node), msg::connections_by_room{room}, settle))
            res.push_back(x.id);
          return res;
        },
      .is_joined =
        [=, this](test::fake_client& who, const std::string& room) {
          return ask<bool>(who.actor, msg::is_joined{room}, settle);
        }};
  }

  /// Sends a request while all actors are idle, so the response comes at once
  /// or never.
  template <class T, class Request>
  T ask(const caf::actor& whom, Request what,
        const std::function<void()>& settle) {
    auto handle = self->request(whom, caf::infinite, std::move(what));
    settle();
    if (self->mailbox().empty())
      throw std::logic_error("somebody does not answer");
    T res{};
    handle.receive([&](T& x) { res = std::move(x); },
                   [](caf::error& err) {
                     throw std::logic_error(troupe::what(err));
                   });
    return res;
  }

  void play(tally& sum, unsigned seed, delivery::limits n, config limits = {}) {
    std::mt19937 random{seed};
    test::stage stage{sys, std::move(limits)};
    stage.core->add(test::obey_clients);
    model m{seed, n, world_at(stage, random)};
    if (auto what = m.play(); !what.empty())
      CAF_FAIL("seed " << seed << ": " << what);
    self->send(stage.registry(), actors::stop{std::chrono::seconds{1}});
    run_in_any_order(random);
    sum.add(m);
  }

  /// Plays a schedule with clients and bots on several nodes.
  void play_on(size_t nodes, tally& sum, unsigned seed, delivery::limits n) {
    std::mt19937 random{seed};
    test::cluster_stage cluster{sys, nodes};
    run();
    n.nodes = nodes;
    auto node_of = [=](const std::string& id) {
      return std::hash<std::string>{}(id) % nodes;
    };
    auto registry_of = [&](size_t node) { return cluster[node].registry(); };
    auto world = world_at(cluster[0], random);
    world.node_of = node_of;
    world.connect = [&](std::string id) {
      return cluster[node_of(id)].connect(id);
    };
    world.registry_of = registry_of;
    world.hire = [&](const std::string& id, auto pages, bool is_careful) {
      return sys.spawn<test::bot>(cluster[node_of(id)].registry(), pages,
                                  is_careful);
    };
    world.announce = [&](size_t node, const recipient& to, const frame& x) {
      cluster[node].voice().send_to(to, x);
    };
    world.questions = questions_by(registry_of,
                                   [&] { run_in_any_order(random); });
    world.between_steps = [&] {
      run_a_little(random, 12);
      if (random() % 16 != 0)
        return;
      // An actor that waits while time passes may give up the order.
      run_in_any_order(random);
      advance_time(std::chrono::seconds{1});
    };
    world.quiesce = [&](const auto&) {
      run_in_any_order(random);
      for (int i = 0; i < 3; ++i) { // to announce vacant rooms
        advance_time(std::chrono::seconds{1});
        run_in_any_order(random);
      }
    };
    world.ties = ties_of(cluster, random);
    model m{seed, n, world};
    if (auto what = m.play(); !what.empty())
      CAF_FAIL("seed " << seed << " on " << nodes << " nodes: " << what);
    cluster.stop();
    run_in_any_order(random);
    sum.add(m);
  }

  delivery::tie_changes ties_of(test::cluster_stage& cluster,
                                std::mt19937& random) {
    return {.lose =
              [&cluster](size_t i, size_t j, bool breaks_down) {
                auto pair = cluster.bridges_of(std::min(i, j), std::max(i, j));
                auto bridge = i < j ? pair.here : pair.there;
                if (breaks_down)
                  test::break_down(bridge);
                else
                  caf::anon_send(bridge, actors::dismiss{});
              },
            .part = [&cluster](size_t i, size_t j) { cluster.part(i, j); },
            .meet =
              [&cluster, &random, this](size_t i, size_t j) {
                // Bridges begin in the order in which they are spawned, as on
                // the thread that they share.
                auto old = cluster.bridges_of(i, j);
                for (const auto& bridge : {old.here, old.there})
                  if (sched.prioritize(bridge))
                    sched.run_once();
                if (random() % 2 == 0) // Its messages arrive late or never.
                  frozen_ = random() % 2 == 0 ? old.here : old.there;
                cluster.part(i, j);
                cluster.bridge(i, j);
              }};
  }

  /// Plays a schedule on several threads, which are held up at random.
  void play_at(test::fake_event_loops& event_loops, tally& sum, unsigned seed,
               delivery::limits n) {
    std::mt19937 random{seed};
    test::stage stage{sys, {}, event_loops.all()};
    stage.core->add(test::obey_clients);
    std::map<std::string, size_t> places;
    size_t came = 0;
    auto settle = [&] { step_to_the_end(event_loops, random); };
    auto world = world_at(stage, random);
    world.connect = [&](const std::string& id) {
      auto at = came++ % event_loops.size(); // as the stage does
      places.insert_or_assign(id, at);
      return with_socket_at(event_loops[at], stage.connect(id), random);
    };
    world.between_steps = [&] { step_a_little(event_loops, random); };
    world.quiesce = [settle](const auto&) { settle(); };
    world.questions = questions_by([&](size_t) { return stage.registry(); },
                                   settle);
    world.threads = {
      .of_client = [&](const std::string& id) { return places.at(id); },
      .of_room
      = [&](const std::string& name) { return stage.thread_of_room(name); },
      .hold = [&](const auto& id, auto&) { event_loops.hold(places.at(id)); },
      .go_on = [&] { event_loops.go_on(); },
      .hears =
        [settle](auto& client, const auto& text) {
          settle();
          return client.socket->has(text);
        }};
    model m{seed, n, world};
    if (auto what = m.play(); !what.empty())
      CAF_FAIL("seed " << seed << " on " << event_loops.size()
                       << " threads: " << what);
    self->send(stage.registry(), actors::stop{std::chrono::seconds{1}});
    step_to_the_end(event_loops, random);
    sum.add(m);
  }

  /// Makes some messages of the client take so long that relays have no time
  /// left in that turn.
  static test::fake_client with_socket_at(test::fake_event_loop& at,
                                          test::fake_client x,
                                          std::mt19937& random) {
    auto post = [&](std::function<void()> f) {
      at.post([&random, f = std::move(f)] {
        if (random() % 16 == 0)
          pass_time(std::chrono::microseconds{250});
        f();
      });
    };
    x.upper_layer = std::make_shared<test::posting_upper_layer>(post,
                                                                x.upper_layer);
    return x;
  }

  static void pass_time(std::chrono::microseconds time) {
    auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end)
      ;
  }

  /// Runs one step of a thread, or of an actor that is not pinned.
  bool step(test::fake_event_loops& event_loops, std::mt19937& random) {
    bool is_here = sched.has_job() && random() % 4 == 0;
    if (!is_here && event_loops.step(random))
      return true;
    if (!sched.has_job())
      return false;
    run_any(random);
    return true;
  }

  void step_a_little(test::fake_event_loops& event_loops,
                     std::mt19937& random) {
    for (auto n = random() % 20; n > 0 && step(event_loops, random); --n)
      ;
  }

  void step_to_the_end(test::fake_event_loops& event_loops,
                       std::mt19937& random) {
    while (step(event_loops, random))
      ;
  }

  caf::actor frozen_; ///< Does not run before the others are idle.
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(delivery_tests, fixture)

CAF_TEST(C58 every delivery of thousands of random schedules is as promised) {
  tally sum;
  test::seeds seeds{1200};
  for (auto seed = seeds.first; seed <= seeds.last; ++seed)
    play(sum, seed, {});
  if (!seeds.is_usual)
    return;
  // Rules out a model that checks nothing.
  CAF_CHECK_GREATER(sum.deliveries, 300000u);
  CAF_CHECK_GREATER(sum.decisions, 5000u);
  CAF_CHECK_GREATER(sum.heard_by_namesakes, 10000u);
}

CAF_TEST(C58 the same with many connections in few rooms) {
  tally sum;
  test::seeds seeds{15};
  for (auto seed = seeds.first; seed <= seeds.last; ++seed)
    play(sum, seed, {60, 2, 3, 300});
  if (seeds.is_usual)
    CAF_CHECK_GREATER(sum.deliveries, 150000u);
}

CAF_TEST(C58 the same with connections on two and three nodes) {
  tally sum;
  test::seeds seeds{150};
  for (size_t nodes = 2; nodes <= 3; ++nodes)
    for (auto seed = seeds.first; seed <= seeds.last; ++seed)
      play_on(nodes, sum, seed, {});
  if (!seeds.is_usual)
    return;
  CAF_CHECK_GREATER(sum.deliveries, 75000u);
  CAF_CHECK_GREATER(sum.decisions, 1000u);
}

CAF_TEST(C58 the same on two and three nodes that part and meet) {
  tally sum;
  test::seeds seeds{150};
  for (size_t nodes = 2; nodes <= 3; ++nodes)
    for (auto seed = seeds.first; seed <= seeds.last; ++seed)
      play_on(nodes, sum, seed, {.bots = seed % 2 * 3, .nodes_part = true});
  if (!seeds.is_usual)
    return;
  CAF_CHECK_GREATER(sum.deliveries, 50000u);
  CAF_CHECK_GREATER(sum.tie_changes, 2000u);
}

CAF_TEST(C58 the same among bots) {
  tally sum;
  test::seeds seeds{200};
  for (auto seed = seeds.first; seed <= seeds.last; ++seed)
    play(sum, seed, {.steps = 80, .bots = 4});
  if (seeds.is_usual)
    CAF_CHECK_GREATER(sum.deliveries, 90000u);
}

CAF_TEST(C58 the same among bots that are removed if they read slowly) {
  tally sum;
  test::seeds seeds{120};
  for (auto seed = seeds.first; seed <= seeds.last; ++seed)
    play(sum, seed, {.steps = 80, .bots = 4, .may_remove_bots = true},
         {.max_unread_batches = 2});
  if (!seeds.is_usual)
    return;
  CAF_CHECK_GREATER(sum.deliveries, 40000u);
  CAF_CHECK_GREATER(sum.removals, 80u);
}

CAF_TEST(C58 the same among bots on two and three nodes) {
  tally sum;
  test::seeds seeds{50};
  for (size_t nodes = 2; nodes <= 3; ++nodes)
    for (auto seed = seeds.first; seed <= seeds.last; ++seed)
      play_on(nodes, sum, seed, {.steps = 80, .bots = 4});
  if (seeds.is_usual)
    CAF_CHECK_GREATER(sum.deliveries, 40000u);
}

CAF_TEST(C58 the same on two and three threads that are held up now and then) {
  tally sum;
  test::seeds seeds{100};
  for (size_t threads = 2; threads <= 3; ++threads) {
    test::fake_event_loops event_loops{sys, threads};
    for (auto seed = seeds.first; seed <= seeds.last; ++seed)
      play_at(event_loops, sum, seed, {.steps = 80, .bots = seed % 2 * 4});
  }
  if (!seeds.is_usual)
    return;
  CAF_CHECK_GREATER(sum.deliveries, 80000u);
  CAF_CHECK_GREATER(sum.heard_in_holds, 2000u);
}

CAF_TEST_FIXTURE_SCOPE_END()
