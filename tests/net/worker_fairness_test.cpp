#define CAF_SUITE net.worker_fairness

#include "net/runtime/worker.hpp"
#include "net/support/log_keeper.hpp"
#include "net/support/output.hpp"
#include "net/support/probe.hpp"
#include "support/running.hpp"

#include <boost/asio/post.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::test;

/// Actors, sockets and handlers each get a share of a thread, whichever of them
/// keep it busy.

namespace {

using net::worker;

/// Two actors that keep `w` busy until stopped.
class hot_potato {
public:
  hot_potato(running& r, worker& w) {
    auto throw_it = [](probe& self, int x) {
      self.send(caf::actor_cast<caf::actor>(self.current_sender()), x);
    };
    a_ = spawn_probe(r, w, throw_it);
    b_ = spawn_probe(r, w, throw_it);
    a_->eq_impl(caf::make_message_id(),
                caf::actor_cast<caf::strong_actor_ptr>(b_), nullptr, 1);
  }

  ~hot_potato() {
    caf::anon_send_exit(a_, caf::exit_reason::kill);
    caf::anon_send_exit(b_, caf::exit_reason::kill);
  }

private:
  caf::actor a_;
  caf::actor b_;
};

/// Runs for `time`, as a handler may.
void work_for(std::chrono::microseconds time) {
  auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end)
    ;
}

/// A socket that always has more to read.
class flood : public net::pollable {
public:
  explicit flood(worker& event_loop) : loop_(event_loop) {
  }

  void on_ready(uint32_t) override {
    work_for(10us);
    loop_.sockets().call(*this);
  }

private:
  worker& loop_;
};

struct fixture {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(worker_fairness_tests, fixture)

CAF_TEST(turn_end and flush come also while actors keep the worker busy) {
  with_1_to_4_threads([](running& r) {
    auto& event_loop = r.at(0);
    hot_potato busy{r, event_loop};
    for (int i = 0; i < 3; ++i) {
      std::promise<void> done;
      output out{[&] { done.set_value(); }};
      auto room = spawn_probe(
        r, event_loop, [](probe& self, int) { self.ask_for_turn_end(); },
        [&](probe&, int) { event_loop.flush_at_turn_end(out); });
      caf::anon_send(room, 1);
      await(done);
      caf::anon_send_exit(room, caf::exit_reason::user_shutdown);
    }
  });
}

CAF_TEST(handlers run also while actors keep the worker busy) {
  with_1_to_4_threads([](running& r) {
    hot_potato busy{r, r.at(0)};
    for (int i = 0; i < 100; ++i)
      CAF_REQUIRE(run_on(r.at(0), [] { return true; }));
  });
}

CAF_TEST(handlers run also while a socket keeps the worker busy) {
  running r{1};
  auto& event_loop = r.at(0);
  flood socket{event_loop};
  run_on(event_loop, [&] { event_loop.sockets().call(socket); });
  for (int i = 0; i < 100; ++i)
    CAF_REQUIRE_EQUAL(run_on(event_loop, [i] { return i; }), i);
  run_on(event_loop, [&] { event_loop.sockets().remove(-1, socket); });
}

CAF_TEST(actors run also while a socket keeps the worker busy) {
  running r{1};
  auto& event_loop = r.at(0);
  flood socket{event_loop};
  run_on(event_loop, [&] { event_loop.sockets().call(socket); });
  std::promise<int> heard;
  auto who = spawn_probe(r, event_loop,
                         [&](probe&, int x) { heard.set_value(x); });
  caf::anon_send(who, 7);
  CAF_CHECK_EQUAL(await(heard), 7);
  run_on(event_loop, [&] { event_loop.sockets().remove(-1, socket); });
}

CAF_TEST(flush comes also while handlers keep the worker busy) {
  running r{1};
  auto& event_loop = r.at(0);
  std::atomic<bool> stop = false;
  std::function<void()> again = [&] {
    if (!stop)
      boost::asio::post(event_loop.io(), again);
  };
  boost::asio::post(event_loop.io(), again);
  std::promise<void> done;
  output out{[&] { done.set_value(); }};
  boost::asio::post(event_loop.io(),
                    [&] { event_loop.flush_at_turn_end(out); });
  await(done);
  run_on(event_loop, [&] { stop = true; });
}

CAF_TEST(sockets and handlers run also while an actor works without end) {
  running r{1};
  auto& event_loop = r.at(0);
  auto busy = spawn_probe(r, event_loop, [](probe& self, int x) {
    work_for(60us);
    self.send(&self, x);
  });
  caf::anon_send(busy, 1);
  struct : net::pollable {
    void on_ready(uint32_t) override {
      called.set_value();
    }
    std::promise<void> called;
  } socket;
  run_on(event_loop, [&] { event_loop.sockets().call(socket); });
  await(socket.called);
  caf::anon_send_exit(busy, caf::exit_reason::kill);
}

CAF_TEST(sockets that have much to send let the rest of the thread live) {
  running r{1};
  auto& event_loop = r.at(0);
  std::atomic<int> flushed = 0;
  std::promise<int> seen;
  std::vector<std::unique_ptr<output>> all;
  for (int i = 0; i < 100; ++i)
    all.push_back(std::make_unique<output>([&] {
      work_for(1ms);
      if (++flushed == 1)
        boost::asio::post(event_loop.io(), [&] { seen.set_value(flushed); });
    }));
  run_on(event_loop, [&] {
    for (auto& x : all)
      event_loop.flush_at_turn_end(*x);
  });
  CAF_CHECK_LESS(await(seen), 100);
  while (run_on(event_loop, [&] { return flushed.load(); }) < 100)
    ;
}

CAF_TEST(who holds the thread is named in the log) {
  log_keeper kept;
  running r{1};
  auto slow = spawn_probe(r, r.at(0), [](probe& self, int) {
    work_for(110ms);
    self.quit();
  });
  caf::scoped_actor self{r.sys};
  self->monitor(slow);
  auto id = std::to_string(slow->id());
  self->send(slow, 1);
  self->receive([](const caf::down_msg&) {});
  run_on(r.at(0), [] {});
  CAF_CHECK(kept.has("thread 0 was held for 1"));
  CAF_CHECK(kept.has("ms by actor " + id));
}

CAF_TEST_FIXTURE_SCOPE_END()
