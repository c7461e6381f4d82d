#define CAF_SUITE net.lookup_threads

#include "net/runtime/lookup_threads.hpp"

#include "caf/test/dsl.hpp"

#include "support/running.hpp"

#include <future>

using namespace troupe;
using namespace troupe::test;

CAF_TEST(functions run at the same time and beyond the limit one by one) {
  std::promise<void> go;
  std::promise<void> first;
  std::promise<void> second;
  std::promise<void> third;
  net::lookup_threads threads{2, 1};
  auto gate = go.get_future().share();
  auto hold = [gate](std::promise<void>& begun) {
    return [gate, &begun] {
      begun.set_value();
      gate.wait();
    };
  };
  CAF_CHECK(threads.run(hold(first)));
  CAF_CHECK(threads.run(hold(second)));
  await(first);
  await(second);
  CAF_CHECK(threads.run([&third] { third.set_value(); }));
  CAF_CHECK(!threads.run([] {}));
  auto done = third.get_future();
  CAF_CHECK(done.wait_for(std::chrono::seconds{0})
            == std::future_status::timeout);
  go.set_value();
  await(std::move(done));
}

CAF_TEST(nobody waits for a function that blocks) {
  std::promise<void> go;
  std::promise<void> done;
  {
    net::lookup_threads threads;
    CAF_CHECK(threads.run([gate = go.get_future().share(), &done] {
      gate.wait();
      done.set_value();
    }));
  }
  go.set_value();
  await(done);
}
