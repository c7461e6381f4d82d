#define CAF_SUITE net.clock

#include "net/runtime/clock.hpp" // the header under test

#include "support/running.hpp"

#include <caf/all.hpp>

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe::test;

using std::chrono::steady_clock;

namespace {

struct fixture {};

/// Waits in `self` for one message that `f` accepts.
template <class F>
void receive(caf::scoped_actor& self, F f) {
  self->receive(
    std::move(f), caf::after(patience) >> [] { CAF_FAIL("nothing came"); });
}

caf::behavior silent() {
  return {[](int) { return caf::skip(); }};
}

caf::behavior doubling() {
  return {[](int x) { return 2 * x; }};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(clock_tests, fixture)

CAF_TEST(delayed messages come in order and not too early) {
  with_1_to_4_threads([](running& r) {
    caf::scoped_actor self{r.sys};
    auto start = steady_clock::now();
    for (int i : {5, 3, 1, 4, 2, 0})
      self->delayed_send(self, i * 10ms, i);
    for (int i = 0; i < 6; ++i)
      receive(self, [&](int x) {
        CAF_CHECK_EQUAL(x, i);
        CAF_CHECK(steady_clock::now() - start >= i * 10ms);
      });
  });
}

CAF_TEST(of two delayed messages for the same time the first comes first) {
  running r{2};
  caf::scoped_actor self{r.sys};
  auto t = r.sys.clock().now() + 5ms;
  for (int i = 0; i < 100; ++i)
    r.sys.clock().schedule_message(
      t, caf::actor_cast<caf::strong_actor_ptr>(self),
      caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, i));
  for (int i = 0; i < 100; ++i)
    receive(self, [&](int x) { CAF_CHECK_EQUAL(x, i); });
}

CAF_TEST(delayed messages are late by little) {
  running r{2};
  caf::scoped_actor self{r.sys};
  auto best = steady_clock::duration::max();
  for (int i = 0; i < 20; ++i) {
    auto start = steady_clock::now();
    self->delayed_send(self, 2ms, 1);
    receive(self, [&](int) {
      best = std::min(best, steady_clock::now() - start - 2ms);
    });
  }
  // The best of several runs, since the machine may be busy.
  CAF_CHECK(best < 3ms);
}

CAF_TEST(an earlier message does not wait for a later one) {
  running r{2};
  caf::scoped_actor self{r.sys};
  self->delayed_send(self, 60min, 1);
  self->delayed_send(self, 1ms, 2);
  receive(self, [](int x) { CAF_CHECK_EQUAL(x, 2); });
}

CAF_TEST(a request times out if nobody answers) {
  with_1_to_4_threads([](running& r) {
    caf::scoped_actor self{r.sys};
    auto server = self->spawn(silent);
    auto start = steady_clock::now();
    std::promise<caf::error> result;
    // An event-based actor uses the clock under test.
    self->spawn([&](caf::event_based_actor* client) {
      client->request(server, 20ms, 1)
        .then([&](int) { result.set_value(caf::none); },
              [&](caf::error& err) { result.set_value(std::move(err)); });
    });
    CAF_CHECK_EQUAL(await(result), caf::sec::request_timeout);
    CAF_CHECK(steady_clock::now() - start >= 20ms);
    self->send_exit(server, caf::exit_reason::user_shutdown);
  });
}

CAF_TEST(a request that is answered does not time out) {
  with_1_to_4_threads([](running& r) {
    auto server = r.sys.spawn(doubling);
    std::promise<int> result;
    r.sys.spawn([&](caf::event_based_actor* client) {
      for (int i = 0; i < 100; ++i) // These only set time-outs.
        client->request(server, 5ms, i).then([](int) {}, [](caf::error&) {});
      client->request(server, 60min, 21).then([&, client](int x) {
        // A false time-out of the others would come earlier.
        client->delayed_send(client, 10ms, x);
      });
      client->become([&, client](int x) {
        result.set_value(x);
        client->quit();
      });
    });
    CAF_CHECK_EQUAL(await(result), 42);
    caf::anon_send_exit(server, caf::exit_reason::user_shutdown);
    r.sys.await_all_actors_done(); // must not wait for one hour
  });
}

CAF_TEST(a receive time-out fires once nothing comes any more) {
  with_1_to_4_threads([](running& r) {
    std::promise<int> done;
    steady_clock::time_point last;
    auto idler
      = r.sys.spawn([&](caf::event_based_actor* self) -> caf::behavior {
          auto count = std::make_shared<int>(0);
          return {
            [&, count](int) {
              ++*count;
              last = steady_clock::now();
            },
            caf::after(20ms) >>
              [&, self, count] {
                if (*count == 0)
                  return; // Nothing has arrived yet.
                done.set_value(*count);
                self->quit();
              },
          };
        });
    for (int i = 0; i < 50; ++i)
      caf::anon_send(idler, i);
    auto count = await(done);
    CAF_CHECK(count > 0 && count <= 50);
    r.sys.await_all_actors_done();
    CAF_CHECK(steady_clock::now() - last >= 20ms);
  });
}

CAF_TEST(many threads may use the clock at once) {
  constexpr int messages = 1'000;
  with_1_to_4_threads([](running& r) {
    std::atomic<int> left = 4 * messages;
    std::promise<void> done;
    auto target = r.sys.spawn([&](caf::event_based_actor*) -> caf::behavior {
      return {[&](int) {
        if (--left == 0)
          done.set_value();
      }};
    });
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < messages; ++i)
          r.sys.clock().schedule_message(
            r.sys.clock().now() + (i * 7 + t) % 20 * 1ms,
            caf::actor_cast<caf::strong_actor_ptr>(target),
            caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, i));
      });
    await(done);
    for (auto& t : threads)
      t.join();
    caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
  });
}

CAF_TEST(what is still to come ends with the system) {
  auto start = steady_clock::now();
  {
    running r{2};
    auto idler = r.sys.spawn(silent);
    for (int i = 0; i < 1'000; ++i)
      r.sys.clock().schedule_message(
        start + 60min, caf::actor_cast<caf::strong_actor_ptr>(idler),
        caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, i));
    // The clock's events hold the last references, so the actor never ends and
    // must not be awaited.
    r.sys.await_actors_before_shutdown(false);
  }
  CAF_CHECK(steady_clock::now() - start < patience);
}

CAF_TEST_FIXTURE_SCOPE_END()
