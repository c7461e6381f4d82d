#define CAF_SUITE net.scheduler

#include "net/runtime/scheduler.hpp" // the header under test

#include "support/running.hpp"
#include "troupe/log.hpp"

#include <caf/all.hpp>

#include <csignal>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe::test;

using troupe::net::scheduler;
using troupe::net::worker;

namespace {

/// The state of an actor with a name.
struct named {
  static inline const char* name = "recorder";
};

struct fixture {};

caf::behavior doubling() {
  return {[](int x) { return 2 * x; }};
}

/// Sends each number back, reduced by one, and quits at 0.
caf::behavior counting_down(caf::event_based_actor* self) {
  return {[self](int x) {
    self->send(caf::actor_cast<caf::actor>(self->current_sender()), x - 1);
    if (x <= 1)
      self->quit();
  }};
}

int ask(caf::scoped_actor& self, const caf::actor& whom, int x) {
  int result = -1;
  self->request(whom, patience, x)
    .receive([&](int y) { result = y; },
             [](caf::error& err) { CAF_FAIL(to_string(err)); });
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(scheduler_tests, fixture)

// -- configuration ------------------------------------------------------------

CAF_TEST(the scheduler of a system is found unless it is a foreign one) {
  running r{1};
  CAF_CHECK_EQUAL(scheduler::of(r.sys), &r.sys.scheduler());
  caf::actor_system_config cfg;
  caf::actor_system stock{cfg};
  CAF_CHECK(scheduler::of(stock) == nullptr);
}

CAF_TEST(the number of threads is threads or max-threads or the processors) {
  CAF_CHECK_EQUAL(running{3}.scheduler.workers().size(), 3u);
  CAF_CHECK(running{0}.scheduler.workers().size() >= 1u);
  troupe::runtime_config cfg;
  cfg.set("scheduler.max-threads", size_t{5});
  caf::actor_system sys{cfg};
  CAF_CHECK_EQUAL(scheduler::of(sys)->workers().size(), 5u);
  CAF_CHECK_EQUAL(sys.scheduler().num_workers(), 5u);
}

CAF_TEST(an actor takes 100 messages at a time unless told otherwise) {
  CAF_CHECK_EQUAL(running{1}.sys.scheduler().max_throughput(), 100u);
  troupe::runtime_config cfg;
  cfg.set("scheduler.max-throughput", size_t{7});
  caf::actor_system sys{cfg};
  CAF_CHECK_EQUAL(sys.scheduler().max_throughput(), 7u);
}

CAF_TEST(a broken pipe does not end the process) {
  running r{1};
  CAF_CHECK_EQUAL(std::raise(SIGPIPE), 0);
}

// -- messages -----------------------------------------------------------------

CAF_TEST(two actors play ping-pong) {
  with_1_to_4_threads([](running& r) {
    auto ping = r.sys.spawn(counting_down);
    auto pong = r.sys.spawn(counting_down);
    ping->eq_impl(caf::make_message_id(),
                  caf::actor_cast<caf::strong_actor_ptr>(pong), nullptr,
                  10'000);
    r.sys.await_all_actors_done();
    CAF_CHECK(true);
  });
}

CAF_TEST(actors spawn actors on any thread) {
  with_1_to_4_threads([](running& r) {
    std::atomic<int> count = 0;
    auto leaf = [&count](caf::event_based_actor* self) -> caf::behavior {
      return {[&count, self](int x) {
        count += x;
        self->quit();
      }};
    };
    for (int i = 0; i < 10; ++i) {
      auto parent = r.sys.spawn([leaf](caf::event_based_actor* self) {
        for (int k = 0; k < 500; ++k)
          self->send(self->spawn(leaf), 1);
      });
      auto child = r.sys.spawn(leaf);
      caf::anon_send(child, 1);
    }
    r.sys.await_all_actors_done();
    CAF_CHECK_EQUAL(count, 10 * 501);
  });
}

CAF_TEST(ten thousand actors answer) {
  with_1_to_4_threads([](running& r) {
    constexpr int n = 10'000;
    caf::scoped_actor self{r.sys};
    std::vector<caf::actor> actors;
    actors.reserve(n);
    for (int i = 0; i < n; ++i)
      actors.push_back(self->spawn(doubling));
    for (int i = 0; i < n; ++i)
      self->send(actors[static_cast<size_t>(i)], i);
    int64_t sum = 0;
    for (int i = 0; i < n; ++i)
      self->receive([&](int x) { sum += x; },
                    caf::after(patience) >> [] { CAF_FAIL("no answer"); });
    CAF_CHECK_EQUAL(sum, int64_t{n} * (n - 1));
    for (auto& x : actors)
      self->send_exit(x, caf::exit_reason::user_shutdown);
  });
}

CAF_TEST(an actor keeps the order of each of its senders) {
  constexpr int messages = 20'000;
  with_1_to_4_threads([](running& r) {
    std::vector<int> last(3, -1);
    int disorder = 0;
    int left = 3 * messages;
    std::promise<void> done;
    auto target
      = r.sys.spawn([&](caf::event_based_actor* self) -> caf::behavior {
          return {[&, self](int x) {
            auto sender = static_cast<size_t>(x % 3);
            disorder += x > last[sender] ? 0 : 1;
            last[sender] = x;
            if (--left > 0)
              return;
            done.set_value();
            self->quit();
          }};
        });
    std::vector<std::thread> threads;
    threads.reserve(3);
    for (int s = 0; s < 3; ++s)
      threads.emplace_back([=] {
        for (int i = 0; i < messages; ++i)
          caf::anon_send(target, i * 3 + s);
      });
    await(done);
    for (auto& t : threads)
      t.join();
    CAF_CHECK_EQUAL(disorder, 0);
  });
}

CAF_TEST(a handler that throws ends its actor alone) {
  with_1_to_4_threads([](running& r) {
    caf::scoped_actor self{r.sys};
    auto bystander = self->spawn(doubling);
    auto fragile = self->spawn<caf::monitored>(
      [](caf::event_based_actor* me) -> caf::behavior {
        me->set_exception_handler([](std::exception_ptr&) -> caf::error {
          return caf::sec::runtime_error; // CAF's own handler also prints it.
        });
        return {[](int) { throw std::runtime_error{"as expected"}; }};
      });
    self->send(fragile, 1);
    self->receive(
      [](const caf::down_msg& msg) {
        CAF_CHECK_EQUAL(msg.reason, caf::sec::runtime_error);
      },
      caf::after(patience) >> [] { CAF_FAIL("no down message"); });
    CAF_CHECK_EQUAL(ask(self, bystander, 21), 42);
    self->send_exit(bystander, caf::exit_reason::user_shutdown);
  });
}

CAF_TEST(an exception of an actor is in the log with its text and name) {
  std::mutex mutex;
  std::vector<std::string> lines;
  troupe::set_log_sink([&](troupe::log_level, std::string_view line) {
    std::lock_guard guard{mutex};
    lines.emplace_back(line);
  });
  {
    running r{1};
    caf::scoped_actor self{r.sys};
    auto fragile = self->spawn<caf::monitored>(
      [](caf::stateful_actor<named>*) -> caf::behavior {
        return {[](int) { throw std::runtime_error{"the disk is full"}; }};
      });
    auto begins = "actor " + std::to_string(fragile->id()) + ", recorder, ";
    self->send(fragile, 1);
    self->receive([](const caf::down_msg& msg) {
      CAF_CHECK_EQUAL(msg.reason, caf::sec::runtime_error);
    });
    CAF_CHECK(troupe::flush_log(std::chrono::seconds{20}));
    std::lock_guard guard{mutex};
    CAF_REQUIRE_EQUAL(lines.size(), 1u);
    CAF_CHECK_EQUAL(lines[0],
                    begins + "ended by an exception: the disk is full");
  }
  troupe::set_log_sink(nullptr);
}

// -- placement ----------------------------------------------------------------

CAF_TEST(foreign threads spread actors over all workers) {
  with_1_to_4_threads([](running& r) {
    std::mutex mutex;
    std::set<worker*> seen;
    for (size_t i = 0; i < 4 * r.scheduler.workers().size(); ++i)
      r.sys.spawn([&] {
        std::unique_lock guard{mutex};
        seen.insert(worker::current());
      });
    r.sys.await_all_actors_done();
    CAF_CHECK_EQUAL(seen.size(), r.scheduler.workers().size());
    CAF_CHECK_EQUAL(seen.count(nullptr), 0u);
  });
}

CAF_TEST(what a worker starts it runs itself) {
  with_1_to_4_threads([](running& r) {
    for (const auto& w : r.scheduler.workers()) {
      std::promise<worker*> by_spawn;
      std::promise<worker*> by_message;
      run_on(*w, [&] {
        r.sys.spawn([&] { by_spawn.set_value(worker::current()); });
        auto lazy = r.sys.spawn<caf::lazy_init>(
          [&](caf::event_based_actor* self) -> caf::behavior {
            return {[&, self](int) {
              by_message.set_value(worker::current());
              self->quit();
            }};
          });
        caf::anon_send(lazy, 1);
      });
      CAF_CHECK_EQUAL(await(by_spawn), w.get());
      CAF_CHECK_EQUAL(await(by_message), w.get());
    }
  });
}

CAF_TEST(workers of one system may send to actors of another) {
  running earth{2};
  running mars{2};
  auto martian = mars.sys.spawn(doubling);
  std::promise<int> answer;
  run_on(earth.at(0), [&] {
    earth.sys.spawn([&](caf::event_based_actor* self) {
      self->request(martian, patience, 21).then([&](int x) {
        answer.set_value(x);
      });
    });
  });
  CAF_CHECK_EQUAL(await(answer), 42);
  caf::anon_send_exit(martian, caf::exit_reason::user_shutdown);
}

// -- actors with their own thread ---------------------------------------------

CAF_TEST(detached and blocking actors and plain threads work together) {
  with_1_to_4_threads([](running& r) {
    caf::scoped_actor self{r.sys};
    std::atomic<bool> on_worker = false;
    auto detached = self->spawn<caf::detached>(
      [&](caf::event_based_actor*) -> caf::behavior {
        return {[&](int x) {
          on_worker = worker::current() != nullptr;
          return x + 1;
        }};
      });
    auto pooled = self->spawn(doubling);
    int result = 0;
    auto blocking = self->spawn([&](caf::blocking_actor* me) {
      me->request(detached, patience, 1)
        .receive([&](int x) { result += x; }, [](caf::error&) {});
      me->request(pooled, patience, 20)
        .receive([&](int x) { result += x; }, [](caf::error&) {});
    });
    self->wait_for(blocking);
    CAF_CHECK_EQUAL(result, 42);
    CAF_CHECK(!on_worker);
    self->send_exit(detached, caf::exit_reason::user_shutdown);
    self->send_exit(pooled, caf::exit_reason::user_shutdown);
  });
}

CAF_TEST(delayed messages reach detached actors) {
  running r{1};
  std::promise<int> done;
  r.sys.spawn<caf::detached>(
    [&](caf::event_based_actor* self) -> caf::behavior {
      self->delayed_send(self, 1ms, 42);
      return {[&, self](int x) {
        done.set_value(x);
        self->quit();
      }};
    });
  CAF_CHECK_EQUAL(await(done), 42);
}

CAF_TEST_FIXTURE_SCOPE_END()
