#define CAF_SUITE net.worker

#include "net/runtime/worker.hpp" // the header under test

#include "net/support/log_keeper.hpp"
#include "net/support/output.hpp"
#include "net/support/probe.hpp"
#include "support/running.hpp"

#include <boost/asio/post.hpp>
#include <caf/atom.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::test;

namespace {

using net::worker;

struct clockwork : net::tickable {
  std::function<void(time_point)> f;

  explicit clockwork(std::function<void(time_point)> x) : f(std::move(x)) {
  }

  void on_tick(time_point now) override {
    f(now);
  }
};

struct fixture {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(worker_tests, fixture)

// -- threads ------------------------------------------------------------------

CAF_TEST(each worker knows its own thread) {
  with_1_to_4_threads([](running& r) {
    CAF_CHECK(worker::current() == nullptr);
    for (const auto& w : r.scheduler.workers()) {
      CAF_CHECK(!w->is_current());
      CAF_CHECK(run_on(*w, [&] { return worker::current() == w.get(); }));
      CAF_CHECK(run_on(*w, [&] { return w->is_current(); }));
    }
  });
}

CAF_TEST(a pinned_actor actor runs at event_loop whoever sends and keeps their order) {
  constexpr int senders = 4;
  constexpr int messages = 5'000;
  with_1_to_4_threads([](running& r) {
    for (size_t i = 0; i < r.scheduler.workers().size(); ++i) {
      auto& event_loop = r.at(i);
      std::vector<int> last(senders, -1);
      int strays = 0;
      int disorder = 0;
      int left = senders * messages;
      std::promise<void> done;
      auto target = spawn_probe(r, event_loop, [&](probe&, int x) {
        auto sender = static_cast<size_t>(x % senders);
        strays += event_loop.is_current() ? 0 : 1;
        disorder += x > last[sender] ? 0 : 1;
        last[sender] = x;
        if (--left == 0)
          done.set_value();
      });
      // Half of the senders are foreign threads, half are handlers on the
      // workers.
      std::vector<std::thread> threads;
      for (int s = 0; s < senders; ++s) {
        auto send_all = [=] {
          for (int n = 0; n < messages; ++n)
            caf::anon_send(target, n * senders + s);
        };
        if (s % 2 == 0)
          threads.emplace_back(send_all);
        else
          boost::asio::post(r.at(static_cast<size_t>(s) / 2).io(), send_all);
      }
      await(done);
      for (auto& t : threads)
        t.join();
      CAF_CHECK_EQUAL(strays, 0);
      CAF_CHECK_EQUAL(disorder, 0);
      caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
    }
  });
}

CAF_TEST(a sleeping worker wakes up for every message) {
  with_1_to_4_threads([](running& r) {
    std::atomic<std::promise<int>*> waiting{nullptr};
    auto target = spawn_probe(r, r.at(1), [&](probe&, int x) {
      waiting.load()->set_value(x);
    });
    // Each time, the worker sleeps or is about to.
    for (int i = 0; i < 2'000; ++i) {
      std::promise<int> answer;
      waiting = &answer;
      caf::anon_send(target, i);
      CAF_REQUIRE_EQUAL(await(answer), i);
    }
    caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
  });
}

// -- turns --------------------------------------------------------------------

CAF_TEST(turn_end comes after all messages of the turn and flush after it) {
  with_1_to_4_threads([](running& r) {
    auto& event_loop = r.at(0);
    std::string log; // used on one thread only
    std::promise<void> done;
    output early{[&] { log += "early "; }};
    output out{[&] {
      log += "flush ";
      done.set_value();
    }};
    // The room receives numbers, and a response for each number that it passes
    // on.
    caf::actor echo = spawn_probe(r, event_loop, [&](probe& self, int x) {
      log += "echo" + std::to_string(x) + ' ';
      self.send(caf::actor_cast<caf::actor>(self.current_sender()), x + 10);
    });
    caf::actor member = spawn_probe(r, event_loop, [&](probe&, int x) {
      log += "member" + std::to_string(x) + ' ';
      event_loop.flush_at_turn_end(out);
      event_loop.flush_at_turn_end(out); // one flush for all calls
    });
    caf::actor room = spawn_probe(
      r, event_loop,
      [&](probe& self, int x) {
        log += "room" + std::to_string(x) + ' ';
        if (x == 1)
          self.ask_for_turn_end();
        if (x < 10)
          self.send(echo, x);
      },
      [&](probe& self, int) {
        log += "end ";
        self.send(member, 1);
        self.send(member, 2);
      });
    boost::asio::post(event_loop.io(), [&] {
      event_loop.flush_at_turn_end(early);
      caf::anon_send(room, 1);
      caf::anon_send(room, 2);
      // A handler that is posted during the turn.
      boost::asio::post(event_loop.io(), [&] { caf::anon_send(room, 3); });
    });
    await(done);
    CAF_CHECK(run_on(event_loop, [&] {
      return log.ends_with("end member1 member2 early flush ");
    }));
    for (auto part : {"room1 ", "room2 ", "room3 ", "echo1 ", "echo2 ",
                      "echo3 ", "room11 ", "room12 ", "room13 "})
      CAF_CHECK(log.find(part) < log.find("end "));
    CAF_CHECK_EQUAL(log.find("flush"), log.rfind("flush"));
    for (auto& x : {echo, member, room})
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  });
}

CAF_TEST(what asks during its turn end is served by the next turn) {
  running r{1};
  auto& event_loop = r.at(0);
  std::promise<void> flushed;
  int left = 3;
  std::unique_ptr<output> out;
  out = std::make_unique<output>([&] {
    if (--left > 0)
      event_loop.flush_at_turn_end(*out);
    else
      flushed.set_value();
  });
  run_on(event_loop, [&] { event_loop.flush_at_turn_end(*out); });
  await(flushed);
  std::promise<void> told;
  int ends = 3;
  auto room = spawn_probe(
    r, event_loop, [](probe& self, int) { self.ask_for_turn_end(); },
    [&](probe& self, int) {
      if (--ends > 0)
        self.ask_for_turn_end();
      else
        told.set_value();
    });
  caf::anon_send(room, 1);
  await(told);
  caf::anon_send_exit(room, caf::exit_reason::user_shutdown);
}

CAF_TEST(a destroyed output is not flushed) {
  running r{1};
  auto& event_loop = r.at(0);
  std::vector<std::unique_ptr<output>> outs(3);
  std::string log;
  std::promise<void> done;
  run_on(event_loop, [&] {
    outs[0] = std::make_unique<output>([&] {
      log += '0';
      outs[1].reset(); // its neighbor, which is next
    });
    outs[1] = std::make_unique<output>([&] { log += '1'; });
    outs[2] = std::make_unique<output>([&] {
      log += '2';
      done.set_value();
    });
    for (auto& x : outs)
      event_loop.flush_at_turn_end(*x);
  });
  await(done);
  CAF_CHECK_EQUAL(log, "02");
}

CAF_TEST(now is hardly older than the turn) {
  running r{1};
  auto& event_loop = r.at(0);
  for (int i = 0; i < 100; ++i) {
    // No handler runs in this turn after the flush.
    std::promise<void> turn_is_over;
    output out{[&] { turn_is_over.set_value(); }};
    run_on(event_loop, [&] {
      event_loop.flush_at_turn_end(out);
      return event_loop.now();
    });
    await(turn_is_over);
    auto before = std::chrono::steady_clock::now() - 200us;
    CAF_CHECK(run_on(event_loop, [&] { return event_loop.now(); }) >= before);
  }
}

// -- ticks --------------------------------------------------------------------

CAF_TEST(tickable members are visited until they go) {
  running r{1};
  auto& event_loop = r.at(0);
  std::promise<void> done;
  std::vector<worker::time_point> ticks;
  std::optional<clockwork> once;
  std::optional<clockwork> often;
  auto start = run_on(event_loop, [&] {
    once.emplace([&](auto) { once.reset(); }); // destroys itself
    often.emplace([&](auto now) {
      ticks.push_back(now);
      if (ticks.size() < 3)
        return;
      often->unlink();
      done.set_value();
    });
    event_loop.add(*once);
    event_loop.add(*often);
    event_loop.add(*often); // has no effect
    return event_loop.now();
  });
  await(done);
  CAF_CHECK(!once);
  for (auto now : ticks) {
    CAF_CHECK(now - start >= 240ms);
    start = now;
  }
}

CAF_TEST(tickable members may destroy each other and add new ones) {
  running r{1};
  auto& event_loop = r.at(0);
  std::promise<void> done;
  std::vector<std::unique_ptr<clockwork>> all(1'500); // for more than one turn
  std::unique_ptr<clockwork> late;
  size_t ticks = 0;
  run_on(event_loop, [&] {
    late = std::make_unique<clockwork>([&](auto) { done.set_value(); });
    for (size_t i = 0; i < all.size(); ++i) {
      all[i] = std::make_unique<clockwork>([&, i](auto) {
        ++ticks;
        if (i == 0)
          event_loop.add(*late);
        if (i % 2 == 0)
          all[i + 1].reset();
        all[i].reset(); // also destroys this function
      });
      event_loop.add(*all[i]);
    }
  });
  await(done);
  CAF_CHECK_EQUAL(run_on(event_loop, [&] { return ticks; }), all.size() / 2);
  run_on(event_loop, [&] { late.reset(); });
}

// -- exceptions ---------------------------------------------------------------

CAF_TEST(what a handler or a flush or a tick throws is logged and no more) {
  log_keeper log;
  running r{1};
  auto& event_loop = r.at(0);
  boost::asio::post(event_loop.io(),
                    [] { throw std::runtime_error{"bad read"}; });
  boost::asio::post(event_loop.io(), [] { throw 42; });
  output out{[] { throw std::runtime_error{"bad write"}; }};
  std::promise<void> ticked;
  clockwork bad_tick{[](auto) { throw std::runtime_error{"bad tick"}; }};
  clockwork good_tick{[&](auto) { ticked.set_value(); }};
  run_on(event_loop, [&] {
    event_loop.flush_at_turn_end(out);
    event_loop.add(bad_tick);
    event_loop.add(good_tick);
  });
  await(ticked);
  run_on(event_loop, [&] {
    bad_tick.unlink();
    good_tick.unlink();
  });
  for (auto text : {"a completion handler threw: bad read",
                    "a completion handler threw: an exception of unknown type",
                    "a flush threw: bad write", "on_tick threw: bad tick"})
    CAF_CHECK(log.has(text));
}

CAF_TEST(an exception that CAF lets through ends that actor alone) {
  log_keeper log;
  running r{1};
  struct fragile : caf::event_based_actor {
    using caf::event_based_actor::event_based_actor;
    caf::behavior make_behavior() override {
      set_exception_handler([](std::exception_ptr&) -> caf::error {
        return caf::sec::runtime_error; // CAF's own handler also prints it.
      });
      return {[this](int) { quit(); }};
    }
    void on_exit() override {
      throw std::runtime_error{"bad exit"};
    }
  };
  caf::scoped_actor self{r.sys};
  auto bad = self->spawn<fragile, caf::monitored>();
  self->send(bad, 1);
  self->receive([](const caf::down_msg&) {},
                caf::after(patience) >> [] { CAF_FAIL("no down message"); });
  CAF_CHECK(log.has("an actor threw: bad exit"));
  CAF_CHECK(run_on(r.at(0), [] { return true; }));
}

CAF_TEST_FIXTURE_SCOPE_END()
