#define CAF_SUITE net.delivery

#include "support/delivery_model.hpp"
#include "support/running.hpp"

#include <boost/asio/post.hpp>
#include <caf/scoped_actor.hpp>

#include <memory>
#include <string>
#include <utility>

using namespace troupe;

namespace {

uint64_t connection_count(caf::scoped_actor& self, const caf::actor& registry) {
  uint64_t res = 0;
  self->request(registry, caf::infinite, total{})
    .receive([&](uint64_t x) { res = x; },
             [](caf::error& err) { CAF_FAIL(what(err)); });
  return res;
}

/// Hands over on the actor's thread, as a session does: the short way in.
class posting_inbox final : public actors::inbox {
public:
  posting_inbox(net::worker& at, std::shared_ptr<actors::inbox> to)
    : at_(at),
      to_(std::move(to)) {
  }

  void on_frame(frame x) override {
    post([x](inbox& to) { to.on_frame(x); });
  }

  bool on_control(bool is_pong, std::string_view payload) override {
    post([is_pong, text = std::string{payload}](inbox& to) {
      to.on_control(is_pong, text);
    });
    return false;
  }

  void on_overflow(uint64_t dropped, uint64_t conflated) override {
    post([=](inbox& to) { to.on_overflow(dropped, conflated); });
  }

  void on_close(close_info how) override {
    post([how](inbox& to) { to.on_close(how); });
  }

private:
  template <class F>
  void post(F f) {
    boost::asio::post(at_.io(), [to = to_, f = std::move(f)] { f(*to); });
  }

  net::worker& at_;
  std::shared_ptr<actors::inbox> to_;
};

/// How messages of clients come to their actors.
enum class way_in { by_mailbox, short_way };

/// Plays on real threads, with pinned actors, relays and the short way home.
size_t play(unsigned seed, size_t threads, test::delivery_model::limits n,
            way_in how) {
  test::running runtime{threads};
  std::vector<actors::home*> homes;
  for (size_t i = 0; i < threads; ++i)
    homes.push_back(&runtime.at(i));
  test::stage stage{runtime.sys, {}, homes};
  stage.core->add(test::obey_clients);
  caf::scoped_actor self{runtime.sys};
  size_t fences = 0;
  auto quiesce = [&](const std::vector<test::fake_client*>& alive) {
    for (auto* x : alive)
      CAF_REQUIRE(x->socket->await_credit());
    // The first fence of a client comes when all it sent before is in front of
    // its receivers, the second when these have dealt with it.
    for (int round = 0; round < 2; ++round) {
      auto text = std::string{test::delivery_model::fence}
                  + std::to_string(++fences);
      for (auto* x : alive)
        x->say("m:self;0;" + text);
      for (auto* x : alive)
        CAF_REQUIRE(x->socket->await(text));
      while (connection_count(self, stage.registry()) != alive.size())
        ; // Those that have ended are on their way out.
    }
  };
  size_t connected = 0;
  auto connect = [&](std::string id) {
    auto res = stage.connect(std::move(id)); // at the threads in turn
    auto& at = runtime.at(connected++);
    if (how == way_in::short_way)
      res.inbox = std::make_shared<posting_inbox>(at, res.inbox);
    return res;
  };
  test::delivery_model model{seed, n, {connect, [] {}, quiesce}};
  if (auto what = model.play(); !what.empty())
    CAF_FAIL(threads << " threads, seed " << seed << ": " << what);
  self->monitor(stage.registry());
  self->send(stage.registry(), actors::stop{std::chrono::seconds{5}});
  self->receive([](const caf::down_msg&) {});
  return model.deliveries();
}

} // namespace

CAF_TEST(C58 deliveries on real threads are as promised) {
  size_t deliveries = 0;
  for (auto how : {way_in::by_mailbox, way_in::short_way})
    for (size_t threads = 1; threads <= 3; ++threads)
      for (unsigned seed = 1; seed <= 20; ++seed)
        deliveries += play(seed, threads, {12, 3, 3, 200}, how);
  CAF_CHECK_GREATER(deliveries, 50000u);
}
