#define CAF_SUITE net.backlog

#include "net/support/server_stage.hpp"
#include "support/log_watch.hpp"
#include "support/room_on.hpp"
#include "troupe/messages.hpp"

#include <caf/send.hpp>

#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <malloc.h>

using namespace troupe;

/// The backlog of a thread that is held up.

namespace {

struct fixture : test::server_stage {
  explicit fixture(config cfg = {}) : server_stage(with_names(std::move(cfg))) {
    bob = connected("bob");     // on the first thread
    alice = connected("alice"); // on the second, where the room is
    for (auto id : {"bob", "alice"})
      CAF_CHECK(endpoint.join(lobby, id).get());
  }

  static config with_names(config cfg) {
    cfg.id_generator = named_by_target().id_generator;
    return cfg;
  }

  /// Publishes a message in the name of an actor that does not wait for
  /// confirmations.
  void publish(std::string text) {
    caf::anon_send(endpoint.registry(),
                   msg::publish{recipient::room(lobby),
                                frame::text(std::move(text))});
  }

  /// Publishes ten messages, and waits until `alice` has them.
  void publish_some(size_t size = 1000) {
    for (auto i = 0; i < 10; ++i)
      publish(std::string(size, 'x'));
    publish_over();
  }

  void publish_over() {
    publish("over");
    CAF_REQUIRE(alice.socket->await("over"));
    alice.socket->take();
    alice.socket->take_wire();
  }

  caf::actor handle_of(std::string id) {
    return endpoint.connection(std::move(id)).get()->handle;
  }

  static size_t allocated() {
    auto x = mallinfo2();
    return x.uordblks + x.hblkhd;
  }

  std::string lobby = test::room_on(1, 2);
  test::fake_client bob;
  test::fake_client alice;
};

/// A member that rooms take for a connection, and that ignores messages.
class deaf final : public actors::pinned_actor, public actors::direct_receiver {
public:
  using pinned_actor::pinned_actor;

  caf::behavior make_behavior() override {
    return {[](const msg::deliver&) {}};
  }

  bool try_deliver(const batch&, const std::string&) override {
    return true;
  }

  bool try_confirm(msg::confirmed) override {
    return true;
  }
};

} // namespace

CAF_TEST(a thread that is held has only so much waiting for it) {
  fixture f{{.max_backlog_bytes = 100'000}};
  test::log_watch log;
  log.watch_log();
  size_t grown = 0;
  {
    test::held_thread holding{f.runtime.at(0)};
    auto before = fixture::allocated();
    for (auto i = 0; i < 200; ++i)
      f.publish_some();
    grown = fixture::allocated() - before;
  }
  CAF_CHECK_LESS(grown, 1'000'000u);
  CAF_CHECK(f.bob.socket->await_close());
  CAF_CHECK(f.bob.socket->code() == close_code::try_again_later);
  std::ignore = f.endpoint.is_joined(f.lobby, "bob").get(); // waits for its end
  CAF_CHECK_EQUAL(f.endpoint.stats().slow_receivers, 1u);
  CAF_CHECK(log.was_logged("reads too slowly"));
}

CAF_TEST(small messages count for what they take) {
  fixture f{{.max_backlog_bytes = 100'000}};
  size_t grown = 0;
  {
    test::held_thread holding{f.runtime.at(0)};
    auto before = fixture::allocated();
    for (auto i = 0; i < 1000; ++i)
      f.publish_some(1);
    grown = fixture::allocated() - before;
  }
  CAF_CHECK_LESS(grown, 1'000'000u);
  CAF_CHECK(f.bob.socket->await_close());
}

CAF_TEST(who joins a room that has lost some is told of what is lost then) {
  fixture f{{.max_backlog_bytes = 100'000}};
  f.next = 0;
  auto late = f.connected("late");
  auto who = f.handle_of("late");
  {
    test::held_thread holding{f.runtime.at(0)};
    for (auto i = 0; i < 20; ++i)
      f.publish_some(); // twice the limit
    caf::send_as(who, f.endpoint.registry(), msg::join{f.lobby, nullptr});
    f.publish_some();
  }
  CAF_CHECK(f.bob.socket->await_close());
  CAF_CHECK(late.socket->await_close());
}

CAF_TEST(connections that keep their messages are told how many are lost) {
  fixture f{
    {.on_overflow = overflow::drop_newest, .max_backlog_bytes = 100'000}};
  {
    test::held_thread holding{f.runtime.at(0)};
    for (auto i = 0; i < 200; ++i)
      f.publish_some();
  }
  constexpr size_t all = 200 * 11;
  size_t heard = 0;
  while (heard + f.endpoint.stats().messages_dropped < all) {
    heard += f.bob.heard().size();
    std::this_thread::yield();
  }
  CAF_CHECK_EQUAL(heard + f.endpoint.stats().messages_dropped, all);
  CAF_CHECK_GREATER(heard, 10u);
  CAF_CHECK_LESS(heard, all);
}

CAF_TEST(members that come and go meanwhile cost no copy of all others) {
  fixture f;
  auto registry = f.endpoint.registry();
  std::vector<caf::actor> crowd;
  for (auto i = 0; i < 20'000; ++i) {
    crowd.push_back(
      actors::spawn_pinned<deaf>(f.runtime.sys, &f.runtime.at(0)));
    caf::send_as(crowd.back(), registry, msg::join{f.lobby, nullptr});
  }
  f.publish_some();
  {
    test::held_thread holding{f.runtime.at(0)};
    auto before = fixture::allocated();
    for (auto i = 0; i < 100; ++i) {
      caf::send_as(crowd[i], registry, msg::leave{f.lobby, nullptr});
      f.publish_over();
    }
    CAF_CHECK_LESS(fixture::allocated() - before, 10'000'000u);
  }
  for (const auto& x : crowd)
    caf::anon_send_exit(x, caf::exit_reason::kill);
}
