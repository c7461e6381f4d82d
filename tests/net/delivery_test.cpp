#define CAF_SUITE net.delivery

#include "support/delivery_model.hpp"
#include "support/delivery_world.hpp"
#include "support/posting_upper_layer.hpp"
#include "support/running.hpp"

#include <boost/asio/post.hpp>
#include <caf/scoped_actor.hpp>

#include <map>
#include <memory>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

using namespace troupe;

namespace {

using model = test::delivery_model;
namespace delivery = test::delivery;

/// How messages of clients reach their actors.
enum class way_in { by_mailbox, short_way };

/// A handler that holds up its thread until it may go on.
class brake {
public:
  void set_up(connection& c) {
    c.on("hold", [this] {
      is_held_.release();
      may_go_on_.acquire();
      has_gone_on_.release();
    });
  }

  /// Returns when the handler runs.
  void hold(test::fake_client& who) {
    who.say("m:hold;0;");
    CAF_REQUIRE(is_held_.try_acquire_for(test::patience));
  }

  /// Returns when the handler has gone on. Only then may another one hold its
  /// thread.
  void go_on() {
    may_go_on_.release();
    CAF_REQUIRE(has_gone_on_.try_acquire_for(test::patience));
  }

private:
  std::binary_semaphore is_held_{0};
  std::binary_semaphore may_go_on_{0};
  std::binary_semaphore has_gone_on_{0};
};

/// A server on real threads, with pinned actors, relays and outbound fast path.
class theatre {
public:
  theatre(size_t threads, size_t rooms, way_in how)
    : runtime_(threads),
      rooms_(rooms),
      how_(how) {
    stage_.core->add(test::obey_clients);
    stage_.core->add([this](connection& c) { brake_.set_up(c); });
  }

  delivery::world world() {
    return {.connect = [this](const std::string& id) { return connect(id); },
            .between_steps = [] {},
            .quiesce = [this](const delivery::cast& who) { quiesce(who); },
            .hire =
              [this](const auto&, auto notes, bool is_careful) {
                return runtime_.sys.spawn<test::bot>(stage_.registry(), notes,
                                                     is_careful);
              },
            .registry_of = [this](size_t) { return stage_.registry(); },
            .announce
            = [this](size_t, const recipient& to,
                     const frame& x) { stage_.voice().send_to(to, x); },
            .questions = questions()};
  }

  delivery::questions questions() {
    return {.rooms_at =
              [this](size_t) {
                std::map<std::string, std::vector<caf::actor>> res;
                for (auto& x : ask<std::vector<room_info>>(stage_.registry(),
                                                           msg::rooms{}))
                  res.emplace(x.name, ask<std::vector<caf::actor>>(
                                        x.handle, msg::members{}));
                return res;
              },
            .connections_in =
              [this](size_t, const std::string& room) {
                std::vector<std::string> res;
                for (auto& x : ask<std::vector<connection_info>>(
                       stage_.registry(), msg::connections_by_room{room}))
                  res.push_back(x.id);
                return res;
              },
            .is_joined =
              [this](test::fake_client& who, const std::string& room) {
                return ask<bool>(who.actor, msg::is_joined{room});
              }};
  }

  template <class T, class Request>
  T ask(const caf::actor& whom, Request what) {
    T res{};
    self_->request(whom, caf::infinite, std::move(what))
      .receive([&](T& x) { res = std::move(x); },
               [](caf::error& err) { CAF_FAIL(troupe::what(err)); });
    return res;
  }

  /// Lets a handler of a client hold up its thread.
  delivery::threads threads() {
    return {
      .of_client = [this](const std::string& id) { return places_.at(id); },
      .of_room
      = [this](const std::string& name) { return stage_.thread_of_room(name); },
      .hold = [this](const auto&, auto& client) { brake_.hold(client); },
      .go_on = [this] { brake_.go_on(); },
      .hears = [](auto& client,
                  const auto& text) { return client.socket->await(text); }};
  }

  void stop() {
    self_->monitor(stage_.registry());
    self_->send(stage_.registry(), actors::stop{std::chrono::seconds{5}});
    self_->receive([](const caf::down_msg&) {});
  }

private:
  std::vector<actors::event_loop*> event_loops() {
    std::vector<actors::event_loop*> res;
    for (size_t i = 0; i < runtime_.cfg.threads; ++i)
      res.push_back(&runtime_.at(i));
    return res;
  }

  test::fake_client connect(const std::string& id) {
    auto res = stage_.connect(id); // on each thread in turn
    auto at = came_++ % runtime_.cfg.threads;
    places_.insert_or_assign(id, at);
    if (how_ == way_in::by_mailbox)
      return res;
    auto post = [&io = runtime_.at(at).io()](std::function<void()> f) {
      boost::asio::post(io, std::move(f));
    };
    res.upper_layer
      = std::make_shared<test::posting_upper_layer>(post, res.upper_layer);
    return res;
  }

  void quiesce(const delivery::cast& who) {
    for (auto* x : who.clients)
      CAF_REQUIRE(x->socket->await_credit());
    // After the first round, all messages have reached their receivers, after
    // the second these have handled them.
    for (int round = 0; round < 2; ++round) {
      finish_decisions(who.clients);
      finish(who.clients);
      for (const auto& x : who.bots)
        self_->request(x, caf::infinite, test::report{})
          .receive([] {}, [](caf::error& err) { CAF_FAIL(what(err)); });
      for (const auto& x : who.ended_bots)
        self_->wait_for(x);
      if (!who.bots.empty() || !who.ended_bots.empty())
        finish_rooms();
      while (connection_count() != who.clients.size())
        ; // Ended connections are being removed.
    }
  }

  /// Returns when changes of membership by others have been handled and
  /// messages sent as a result have arrived. Later requests to the clients show
  /// this.
  void finish_decisions(const std::vector<test::fake_client*>& clients) {
    for (auto* x : clients)
      ask<bool>(stage_.registry(), msg::leave{"nowhere", x->actor});
  }

  void finish(const std::vector<test::fake_client*>& clients) {
    auto of_server = std::string{model::fence} + " of the server"
                     + std::to_string(++fences_);
    stage_.voice().send_to(all, frame::text(of_server));
    for (auto* x : clients)
      CAF_REQUIRE(x->socket->await(of_server));
    auto text = std::string{model::fence} + std::to_string(++fences_);
    for (auto* x : clients)
      x->say("m:self;0;" + text);
    for (auto* x : clients)
      CAF_REQUIRE(x->socket->await(text));
  }

  /// Returns when messages of bots have reached their receivers. Later messages
  /// to all rooms show this.
  void finish_rooms() {
    auto message = frame::text(std::string{model::fence});
    for (size_t i = 0; i < rooms_; ++i)
      self_->send(stage_.registry(),
                  msg::publish{recipient::room("room" + std::to_string(i)),
                               message, ++last_ticket_});
    self_->send(stage_.registry(), msg::publish{all, message, ++last_ticket_});
    for (uint64_t left = rooms_ + 1; left > 0;)
      self_->receive(
        [&](const msg::confirmed& x) { left -= x.last - x.first + 1; });
  }

  uint64_t connection_count() {
    return ask<uint64_t>(stage_.registry(), msg::total_connections{});
  }

  brake brake_; // outlives the threads
  test::running runtime_;
  test::stage stage_{runtime_.sys, {}, event_loops()};
  caf::scoped_actor self_{runtime_.sys};
  size_t rooms_;
  way_in how_;
  std::map<std::string, size_t> places_;
  size_t came_ = 0;
  size_t fences_ = 0;
  uint64_t last_ticket_ = 0;
};

/// The sums over several schedules.
struct tally {
  size_t deliveries = 0;
  size_t heard_in_holds = 0;
};

void play(tally& sum, unsigned seed, size_t threads, bool are_held,
          delivery::limits n, way_in how) {
  theatre at{threads, n.rooms, how};
  auto world = at.world();
  if (are_held)
    world.threads = at.threads();
  model m{seed, n, world};
  if (auto what = m.play(); !what.empty())
    CAF_FAIL(threads << " threads, seed " << seed << ": " << what);
  at.stop();
  sum.deliveries += m.deliveries();
  sum.heard_in_holds += m.heard_in_holds();
}

} // namespace

CAF_TEST(C58 deliveries on real threads are as promised) {
  tally sum;
  for (auto how : {way_in::by_mailbox, way_in::short_way})
    for (size_t threads = 1; threads <= 3; ++threads)
      for (unsigned seed = 1; seed <= 20; ++seed)
        play(sum, seed, threads, false, {12, 3, 3, 200}, how);
  CAF_CHECK_GREATER(sum.deliveries, 50000u);
}

CAF_TEST(C58 the same among bots and on threads that a handler holds up) {
  tally sum;
  for (auto how : {way_in::by_mailbox, way_in::short_way})
    for (size_t threads = 1; threads <= 3; ++threads)
      for (unsigned seed = 1; seed <= 20; ++seed)
        play(sum, seed, threads, threads > 1, {12, 3, 3, 200, 4}, how);
  CAF_CHECK_GREATER(sum.deliveries, 50000u);
  CAF_CHECK_GREATER(sum.heard_in_holds, 1000u);
}
