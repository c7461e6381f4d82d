#pragma once

#include "actors/cluster/link.hpp"
#include "support/fixture.hpp"
#include "troupe/log.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace troupe::test {

/// A server with a link to node "peer", whose counterpart is the test itself:
/// its mailbox has what the link says.
struct link_fixture : fixture {
  ~link_fixture() {
    set_log_sink({});
    set_log_config({});
  }

  caf::actor make_link(actors::link_limits limits = {}) {
    auto res = actors::spawn_pinned<actors::link_actor>(
      sys, nullptr, server.registry(), "peer", limits, counters);
    caf::anon_send(res, actors::meet{caf::actor_cast<caf::actor>(self)});
    settle();
    return res;
  }

  void end(const caf::actor& link) {
    caf::anon_send(link, actors::dismiss{});
    settle();
  }

  /// Lets everything settle without time going by.
  void settle() {
    sched.run();
  }

  template <class T>
  void tell(const caf::actor& link, T what) {
    self->send(link, std::move(what));
    settle();
  }

  /// Something for a connection on the other node, all in one turn.
  void carry(const caf::actor& link, size_t size, size_t count = 1) {
    auto text = frame::text(std::string(size, 'x'));
    for (size_t i = 0; i < count; ++i)
      self->send(link, publish{"bob", text});
    settle();
  }

  /// Calls `f` for each parcel that has come; forgets all else.
  template <class F>
  void take_parcels(F f) {
    while (!self->mailbox().empty())
      self->receive(
        [&](actors::parcel& x) { f(x); }, [](const actors::population&) {},
        [](const actors::event&) {}, [](const actors::question&) {},
        [](const actors::answer&) {}, [](const actors::control_done&) {},
        [](const actors::parcel_done&) {}, [](actors::send_events) {},
        [](actors::population_lost) {}, [](const caf::error&) {});
  }

  /// From now on, lines of the log are in `lines`.
  void watch_log() {
    log_config all;
    all.quota = 0;
    set_log_config(all);
    set_log_sink([out = log_](log_level, std::string_view line) {
      std::lock_guard guard{out->mutex};
      out->lines.emplace_back(line);
    });
  }

  /// Whether one of them says so.
  bool was_logged(std::string_view what) {
    CAF_REQUIRE(flush_log(std::chrono::seconds{30}));
    std::lock_guard guard{log_->mutex};
    return std::any_of(log_->lines.begin(), log_->lines.end(),
                       [&](const std::string& x) {
                         return x.find(what) != std::string::npos;
                       });
  }

  std::shared_ptr<actors::link_counters> counters
    = std::make_shared<actors::link_counters>();

private:
  struct log_lines {
    std::mutex mutex;
    strings lines;
  };

  std::shared_ptr<log_lines> log_ = std::make_shared<log_lines>();
};

} // namespace troupe::test
