#define CAF_SUITE actors.delivery

#include "support/cluster_stage.hpp"
#include "support/delivery_model.hpp"
#include "support/fixture.hpp"

using namespace troupe;

namespace {

struct fixture : test::fixture {
  /// Lets some actors handle some messages, in an order of chance.
  void run_a_little(std::mt19937& random, size_t most) {
    for (auto n = random() % (most + 1); n > 0 && sched.has_job(); --n) {
      auto i = random() % sched.jobs.size();
      std::swap(sched.jobs[0], sched.jobs[i]);
      sched.run_once();
    }
  }

  void run_in_any_order(std::mt19937& random) {
    while (sched.has_job())
      run_a_little(random, 100);
  }

  size_t play(unsigned seed, test::delivery_model::limits n) {
    std::mt19937 random{seed};
    test::stage stage{sys};
    stage.core->add(test::obey_clients);
    test::delivery_model model{
      seed,
      n,
      {[&](std::string id) { return stage.connect(std::move(id)); },
       [&] { run_a_little(random, 12); },
       [&](const auto&) { run_in_any_order(random); }}};
    if (auto what = model.play(); !what.empty())
      CAF_FAIL("seed " << seed << ": " << what);
    self->send(stage.registry(), actors::stop{std::chrono::seconds{1}});
    run_in_any_order(random);
    return model.deliveries();
  }

  /// The same with clients on several nodes.
  size_t play_on(size_t nodes, unsigned seed, test::delivery_model::limits n) {
    std::mt19937 random{seed};
    test::cluster_stage cluster{sys, nodes};
    run();
    auto node_of = [=](const std::string& id) {
      return std::hash<std::string>{}(id) % nodes;
    };
    test::delivery_model model{
      seed,
      n,
      {[&](std::string id) { return cluster[node_of(id)].connect(id); },
       [&] { run_a_little(random, 12); },
       [&](const auto&) { run_in_any_order(random); }, node_of}};
    if (auto what = model.play(); !what.empty())
      CAF_FAIL("seed " << seed << " on " << nodes << " nodes: " << what);
    cluster.stop();
    run_in_any_order(random);
    return model.deliveries();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(delivery_tests, fixture)

CAF_TEST(C58 every delivery of thousands of random schedules is as promised) {
  size_t deliveries = 0;
  for (unsigned seed = 1; seed <= 2000; ++seed)
    deliveries += play(seed, {});
  // A model that checks nothing would pass, too.
  CAF_CHECK_GREATER(deliveries, 500000u);
}

CAF_TEST(C58 the same with many connections in few rooms) {
  size_t deliveries = 0;
  for (unsigned seed = 1; seed <= 20; ++seed)
    deliveries += play(seed, {60, 2, 3, 300});
  CAF_CHECK_GREATER(deliveries, 200000u);
}

CAF_TEST(C58 the same with connections on two and three nodes) {
  size_t deliveries = 0;
  for (unsigned seed = 1; seed <= 500; ++seed)
    deliveries += play_on(2 + seed % 2, seed, {});
  CAF_CHECK_GREATER(deliveries, 125000u);
}

CAF_TEST_FIXTURE_SCOPE_END()
