#define CAF_SUITE net.scheduler_end

#include "actors/pinned_actor.hpp"
#include "net/runtime/scheduler.hpp"
#include "support/running.hpp"

#include <boost/asio/post.hpp>
#include <caf/all.hpp>
#include <caf/thread_hook.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe::test;

using troupe::net::scheduler;
using troupe::net::worker;

/// An actor system can end whatever its actors and handlers do, and leaves
/// nothing behind.

namespace {

struct fixture {};

/// Sends each number back forever.
caf::behavior throwing_back(caf::event_based_actor* self) {
  return {[self](int x) {
    self->send(caf::actor_cast<caf::actor>(self->current_sender()), x);
  }};
}

/// Counts its instances.
struct counted {
  static inline std::atomic<int> alive = 0;

  counted() {
    ++alive;
  }

  counted(const counted&) {
    ++alive;
  }

  ~counted() {
    --alive;
  }
};

/// Resembles a session: owned by its handlers, owns its actor.
struct session {
  session(worker& event_loop, caf::actor x)
    : timer(event_loop.io().get_executor()),
      who(std::move(x)) {
  }

  ~session() {
    gone.set_value();
  }

  worker::timer timer;
  caf::actor who;
  std::promise<void> gone;
};

/// Posts itself repeatedly, so one is queued when the worker stops.
struct handler_for_ever {
  std::shared_ptr<session> owned;
  worker* event_loop;

  void operator()() {
    boost::asio::post(event_loop->io(), handler_for_ever{*this});
  }
};

/// Fulfills its promise when the threads of a system with two workers have
/// ended: these two and the control thread.
struct all_threads_ended : caf::thread_hook {
  std::promise<void>& promise;
  std::atomic<int> left = 3;

  explicit all_threads_ended(std::promise<void>& x) : promise(x) {
  }

  void init(caf::actor_system&) override {
  }

  void thread_started() override {
  }

  void thread_terminates() override {
    if (--left == 0)
      promise.set_value();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(scheduler_end_tests, fixture)

CAF_TEST(a system without anything ends) {
  with_1_to_4_threads([](running&) {});
  CAF_CHECK(true);
}

CAF_TEST(a system ends while its actors are busy) {
  auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < 5; ++round)
    with_1_to_4_threads([](running& r) {
      for (int i = 0; i < 50; ++i) {
        auto a = r.sys.spawn(throwing_back);
        auto b = r.sys.spawn(throwing_back);
        for (int k = 0; k < 10; ++k)
          a->eq_impl(caf::make_message_id(),
                     caf::actor_cast<caf::strong_actor_ptr>(b), nullptr, k);
      }
      r.sys.await_actors_before_shutdown(false);
    });
  CAF_CHECK(std::chrono::steady_clock::now() - start < patience);
}

CAF_TEST(the state of actors that never got to run is destroyed) {
  struct state {
    counted x;
    std::vector<caf::actor> neighbors;
  };
  auto busy = [](caf::stateful_actor<state>* self) -> caf::behavior {
    self->send(self, 1);
    return {[self](int x) { self->send(self, x); }};
  };
  with_1_to_4_threads([&](running& r) {
    caf::actor previous = r.sys.spawn(busy);
    for (int i = 0; i < 100; ++i) {
      auto next = r.sys.spawn(busy);
      // Builds a chain of links: the end of one actor makes the next one
      // runnable.
      caf::anon_send(next, i);
      next->add_link(caf::actor_cast<caf::abstract_actor*>(previous));
      previous = next;
    }
    CAF_CHECK(counted::alive > 0);
    r.sys.await_actors_before_shutdown(false);
  });
  CAF_CHECK_EQUAL(counted::alive, 0);
}

CAF_TEST(pending handlers go while the system is still there) {
  std::atomic<int> in_time = 0;
  with_1_to_4_threads([&](running& r) {
    auto s = std::make_shared<session>(r.at(1), r.sys.spawn(throwing_back));
    auto gone = s->gone.get_future().share();
    s->timer.expires_after(60min);
    s->timer.async_wait([s](auto) {});
    boost::asio::post(r.at(0).io(), handler_for_ever{s, &r.at(0)});
    // CAF waits for detached actors after stopping the scheduler and before
    // destroying the system.
    r.sys.spawn<caf::detached>([&in_time, gone](caf::event_based_actor*) {
      if (gone.wait_for(patience) == std::future_status::ready)
        ++in_time;
    });
    r.sys.await_actors_before_shutdown(false);
  });
  CAF_CHECK_EQUAL(in_time, 4);
}

CAF_TEST(a message to a pinned_actor actor after the end does no harm) {
  struct deaf : troupe::actors::pinned_actor {
    using pinned_actor::pinned_actor;

    counted instances;

    caf::behavior make_behavior() override {
      return {[](int) {}};
    }
  };
  std::promise<void> workers_are_gone;
  {
    running::config cfg{2};
    cfg.add_thread_hook<all_threads_ended>(workers_are_gone);
    caf::actor_system sys{cfg};
    auto* event_loop = scheduler::of(sys)->workers().front().get();
    auto target = troupe::actors::spawn_pinned<deaf>(sys, event_loop);
    // A detached actor outlives the workers, since CAF waits for it later.
    sys.spawn<caf::detached>([&, target](caf::event_based_actor*) {
      workers_are_gone.get_future().wait();
      for (int i = 0; i < 100; ++i)
        caf::anon_send(target, i);
    });
    sys.await_actors_before_shutdown(false);
  }
  CAF_CHECK_EQUAL(counted::alive, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
