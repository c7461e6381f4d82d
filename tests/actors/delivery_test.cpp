#define CAF_SUITE actors.delivery

#include "support/cluster_stage.hpp"
#include "support/delivery_model.hpp"
#include "support/fake_homes.hpp"
#include "support/fixture.hpp"
#include "support/posting_inbox.hpp"

#include <map>
#include <string>

using namespace troupe;

namespace {

using model = test::delivery_model;

/// What some schedules were.
struct tally {
  size_t deliveries = 0;
  size_t heard_in_holds = 0;
  size_t removals = 0;

  void add(const model& x) {
    deliveries += x.deliveries();
    heard_in_holds += x.heard_in_holds();
    removals += x.removals();
  }
};

struct fixture : test::fixture {
  /// Lets some actors handle some messages, in an order of chance.
  void run_a_little(std::mt19937& random, size_t most) {
    for (auto n = random() % (most + 1); n > 0 && sched.has_job(); --n)
      run_any(random);
  }

  void run_any(std::mt19937& random) {
    auto i = random() % sched.jobs.size();
    std::swap(sched.jobs[0], sched.jobs[i]);
    sched.run_once();
  }

  void run_in_any_order(std::mt19937& random) {
    while (sched.has_job())
      run_a_little(random, 100);
  }

  model::world world_at(test::stage& stage, std::mt19937& random) {
    return {
      .connect = [&](std::string id) { return stage.connect(std::move(id)); },
      .between_steps = [&] { run_a_little(random, 12); },
      .quiesce = [&](const auto&) { run_in_any_order(random); },
      .hire =
        [&](const auto&, auto pages, bool is_careful) {
          return sys.spawn<test::bot>(stage.registry(), pages, is_careful);
        },
      .some_registry = [&] { return stage.registry(); }};
  }

  void play(tally& sum, unsigned seed, model::limits n, config limits = {}) {
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

  /// The same with clients and bots on several nodes.
  void play_on(size_t nodes, tally& sum, unsigned seed, model::limits n) {
    std::mt19937 random{seed};
    test::cluster_stage cluster{sys, nodes};
    run();
    auto node_of = [=](const std::string& id) {
      return std::hash<std::string>{}(id) % nodes;
    };
    auto world = world_at(cluster[0], random);
    world.node_of = node_of;
    world.connect = [&](std::string id) {
      return cluster[node_of(id)].connect(id);
    };
    world.some_registry = [&] { return cluster[random() % nodes].registry(); };
    world.hire = [&](const std::string& id, auto pages, bool is_careful) {
      return sys.spawn<test::bot>(cluster[node_of(id)].registry(), pages,
                                  is_careful);
    };
    model m{seed, n, world};
    if (auto what = m.play(); !what.empty())
      CAF_FAIL("seed " << seed << " on " << nodes << " nodes: " << what);
    cluster.stop();
    run_in_any_order(random);
    sum.add(m);
  }

  /// The same on several threads, which are held up now and then.
  void play_at(test::fake_homes& homes, tally& sum, unsigned seed,
               model::limits n) {
    std::mt19937 random{seed};
    test::stage stage{sys, {}, homes.all()};
    stage.core->add(test::obey_clients);
    std::map<std::string, size_t> places;
    auto world = world_at(stage, random);
    world.connect = [&](const std::string& id) {
      auto at = places.size() % homes.size(); // as the stage does
      places.emplace(id, at);
      return with_socket_at(homes[at], stage.connect(id));
    };
    world.between_steps = [&] { step_a_little(homes, random); };
    world.quiesce = [&](const auto&) { step_to_the_end(homes, random); };
    world.threads
      = {.of_client = [&](const std::string& id) { return places.at(id); },
         .of_room
         = [&](const std::string& name) { return stage.thread_of_room(name); },
         .hold = [&](const auto& id, auto&) { homes.hold(places.at(id)); },
         .go_on = [&] { homes.go_on(); },
         .hears =
           [&](auto& client, const auto& text) {
             step_to_the_end(homes, random);
             return client.socket->has(text);
           }};
    model m{seed, n, world};
    if (auto what = m.play(); !what.empty())
      CAF_FAIL("seed " << seed << " on " << homes.size()
                       << " threads: " << what);
    self->send(stage.registry(), actors::stop{std::chrono::seconds{1}});
    step_to_the_end(homes, random);
    sum.add(m);
  }

  static test::fake_client with_socket_at(test::fake_home& at,
                                          test::fake_client x) {
    auto post = [&at](std::function<void()> f) { at.post(std::move(f)); };
    x.inbox = std::make_shared<test::posting_inbox>(post, x.inbox);
    return x;
  }

  /// Lets one thread take a step, or an actor that is nowhere at home.
  bool step(test::fake_homes& homes, std::mt19937& random) {
    bool is_here = sched.has_job() && random() % 4 == 0;
    if (!is_here && homes.step(random))
      return true;
    if (!sched.has_job())
      return false;
    run_any(random);
    return true;
  }

  void step_a_little(test::fake_homes& homes, std::mt19937& random) {
    for (auto n = random() % 20; n > 0 && step(homes, random); --n)
      ;
  }

  void step_to_the_end(test::fake_homes& homes, std::mt19937& random) {
    while (step(homes, random))
      ;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(delivery_tests, fixture)

CAF_TEST(C58 every delivery of thousands of random schedules is as promised) {
  tally sum;
  for (unsigned seed = 1; seed <= 2000; ++seed)
    play(sum, seed, {});
  // A model that checks nothing would pass, too.
  CAF_CHECK_GREATER(sum.deliveries, 500000u);
}

CAF_TEST(C58 the same with many connections in few rooms) {
  tally sum;
  for (unsigned seed = 1; seed <= 20; ++seed)
    play(sum, seed, {60, 2, 3, 300});
  CAF_CHECK_GREATER(sum.deliveries, 200000u);
}

CAF_TEST(C58 the same with connections on two and three nodes) {
  tally sum;
  for (unsigned seed = 1; seed <= 500; ++seed)
    play_on(2 + seed % 2, sum, seed, {});
  CAF_CHECK_GREATER(sum.deliveries, 125000u);
}

CAF_TEST(C58 the same among bots) {
  tally sum;
  for (unsigned seed = 1; seed <= 300; ++seed)
    play(sum, seed, {.steps = 80, .bots = 4});
  CAF_CHECK_GREATER(sum.deliveries, 150000u);
}

CAF_TEST(C58 the same among bots that are removed if they read slowly) {
  tally sum;
  for (unsigned seed = 1; seed <= 150; ++seed)
    play(sum, seed, {.steps = 80, .bots = 4, .may_remove_bots = true},
         {.max_unread_batches = 2});
  CAF_CHECK_GREATER(sum.deliveries, 50000u);
  CAF_CHECK_GREATER(sum.removals, 100u);
}

CAF_TEST(C58 the same among bots on two and three nodes) {
  tally sum;
  for (unsigned seed = 1; seed <= 120; ++seed)
    play_on(2 + seed % 2, sum, seed, {.steps = 80, .bots = 4});
  CAF_CHECK_GREATER(sum.deliveries, 50000u);
}

CAF_TEST(C58 the same on two and three threads that are held up now and then) {
  tally sum;
  for (size_t threads = 2; threads <= 3; ++threads) {
    test::fake_homes homes{sys, threads};
    for (unsigned seed = 1; seed <= 120; ++seed)
      play_at(homes, sum, seed, {.steps = 80, .bots = seed % 2 * 4});
  }
  CAF_CHECK_GREATER(sum.deliveries, 100000u);
  CAF_CHECK_GREATER(sum.heard_in_holds, 2500u);
}

CAF_TEST_FIXTURE_SCOPE_END()
