#define CAF_SUITE net.control_thread

#include "actors/pinned_actor.hpp"
#include "support/running.hpp"

#include <caf/all.hpp>

#include <functional>
#include <future>
#include <thread>
#include <utility>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

struct fixture {};

/// Runs a function on the thread that it is pinned to.
class starter final : public actors::pinned_actor {
public:
  using function = std::function<void(caf::event_based_actor&)>;

  starter(caf::actor_config& cfg, actors::event_loop* at, function f)
    : pinned_actor(cfg, at),
      f_(std::move(f)) {
  }

  caf::behavior make_behavior() override {
    f_(*this);
    return {};
  }

private:
  function f_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(control_thread_tests, fixture)

CAF_TEST(a single worker is the control thread and others have one besides) {
  test::with_1_to_4_threads([](test::running& r) {
    auto workers = r.scheduler.workers();
    auto is_one = &r.scheduler.control() == workers.back().get();
    CAF_CHECK_EQUAL(is_one, workers.size() == 1);
    CAF_CHECK_EQUAL(net::scheduler::control(r.sys), &r.scheduler.control());
  });
}

CAF_TEST(what it starts runs on workers) {
  test::with_1_to_4_threads([](test::running& r) {
    auto& control = r.scheduler.control();
    auto workers = r.scheduler.workers().size();
    std::promise<net::worker*> at;
    std::promise<net::worker*> by_spawn;
    std::promise<net::worker*> by_message;
    auto lazy = r.sys.spawn<caf::lazy_init>([&](caf::event_based_actor* self) {
      return caf::behavior{[&, self](int) {
        by_message.set_value(net::worker::current());
        self->quit();
      }};
    });
    actors::spawn_pinned<starter>(
      r.sys, &control, [&](caf::event_based_actor& self) {
        at.set_value(net::worker::current());
        self.spawn([&] { by_spawn.set_value(net::worker::current()); });
        self.send(lazy, 1);
      });
    CAF_CHECK_EQUAL(test::await(at), &control);
    CAF_CHECK_LESS(test::await(by_spawn)->index(), workers);
    CAF_CHECK_LESS(test::await(by_message)->index(), workers);
  });
}

CAF_TEST(a thread that is held delays no time-out of others) {
  test::running r{2};
  for (const auto& x : r.scheduler.workers()) {
    test::held_thread held{*x};
    caf::scoped_actor self{r.sys};
    self->delayed_send(self, 1ms, caf::ok_atom::value);
    self->receive([](caf::ok_atom) {},
                  caf::after(test::patience) >>
                    [] { CAF_ERROR("the clock stands still"); });
  }
}

CAF_TEST(what it starts runs on threads that come round) {
  test::running r{2};
  for (const auto& x : r.scheduler.workers()) {
    test::held_thread held{*x};
    while (!x->is_held_up(std::chrono::steady_clock::now()))
      std::this_thread::yield();
    for (auto i = 0; i < 4; ++i) {
      std::promise<net::worker*> at;
      actors::spawn_pinned<starter>(
        r.sys, &r.scheduler.control(), [&](caf::event_based_actor& self) {
          self.spawn([&] { at.set_value(net::worker::current()); });
        });
      CAF_CHECK_NOT_EQUAL(test::await(at), x.get());
    }
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
