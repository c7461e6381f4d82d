#pragma once

#include "actors/seams/event_loop.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/system_messages.hpp>
#include <caf/unit.hpp>

#include <exception>
#include <tuple>
#include <utility>

namespace troupe::actors {

/// The base of our actors: runs on one thread, its event loop, whoever sends to
/// it, so that it shares that thread's sockets and rooms without a lock. With a
/// null event loop it runs wherever the actor system's scheduler likes.
class pinned_actor : public caf::event_based_actor {
public:
  pinned_actor(caf::actor_config& cfg, event_loop* at)
    : caf::event_based_actor(cfg),
      loop_(at) {
    // Without these two, CAF 0.17 ends an actor that gets a message it does not
    // know, and one that is told that its own message was unknown.
    set_default_handler([](caf::scheduled_actor*,
                           caf::message_view&) -> caf::result<caf::message> {
      return caf::message{};
    });
    set_error_handler([](caf::error&) {});
  }

  using caf::event_based_actor::enqueue;

  void enqueue(caf::mailbox_element_ptr what,
               caf::execution_unit* host) override {
    caf::event_based_actor::enqueue(std::move(what), loop_ ? loop_ : host);
  }

  event_loop* at() const noexcept {
    return loop_;
  }

  /// Whether the caller may act in this actor's place: it runs on the same
  /// thread, the actor does not run right now, and no message waits that ought
  /// to come first, be it in the mailbox or skipped for the time being.
  bool idle_here() noexcept {
    return loop_ != nullptr && loop_->is_current() && !is_acting_
           && mailbox().blocked() && awaited_responses_.empty()
           && !has_skipped();
  }

  /// The same for who awaits an answer, and for what need not wait for that:
  /// other messages may.
  bool awaits_here() noexcept {
    return loop_ != nullptr && loop_->is_current() && !is_acting_
           && mailbox().blocked() && !awaited_responses_.empty();
  }

  /// Whether this actor is being destroyed since nobody has a handle to it any
  /// more, and has not ended. In this state it must not name itself as a
  /// sender: that handle, let go, would destroy it a second time.
  bool is_unreachable() const noexcept {
    return ctrl()->strong_refs.load() == 0;
  }

  /// Whether the message under way is a request. An answer to another would be
  /// a message that nobody expects, an error one that ends its receiver.
  bool is_asked() noexcept {
    return current_mailbox_element()->mid.is_request();
  }

protected:
  /// Calls `f` as the handler of a message from nobody, at once: what CAF does
  /// for its brokers when their sockets are ready. A tenth of the price of a
  /// message. `f` may send, quit and throw like any handler.
  /// @pre idle_here(), and the caller holds a reference.
  template <class F>
  void act(F f) {
    caf::mailbox_element_vals<caf::unit_t> nothing{
      nullptr, caf::make_message_id(), {}, caf::unit};
    event_loop::occupied here{*loop_, {id(), name()}};
    context(loop_);
    current_mailbox_element(&nothing);
    is_acting_ = true;
    try {
      f();
    } catch (...) {
      auto what = std::current_exception();
      quit(call_handler(exception_handler_, this, what));
    }
    is_acting_ = false;
    current_mailbox_element(nullptr);
    bhvr_stack_.cleanup();
    finalize();
  }

private:
  bool has_skipped() noexcept {
    auto& queues = mailbox().queue().queues();
    return !std::get<normal_queue_index>(queues).cache().empty()
           || !std::get<urgent_queue_index>(queues).cache().empty();
  }

  event_loop* loop_;
  bool is_acting_ = false;
};

/// The base of the actors that a server or a node cannot do without. Whoever
/// likes may be linked to one, and ends with it, but never ends it, not even by
/// being killed: of exit messages only those of its owner count.
class runtime_actor : public pinned_actor {
public:
  using pinned_actor::consume;
  using pinned_actor::pinned_actor;

  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    if (x.content().type_token() != caf::make_type_token<caf::exit_msg>())
      return pinned_actor::consume(x);
    // Before CAF sees it, which would obey `kill` whatever the exit handler.
    auto source = x.content().get_as<caf::exit_msg>(0).source;
    if (owner_ && source == owner_)
      return pinned_actor::consume(x);
    unlink_from(source);
    return caf::invoke_message_result::consumed;
  }

protected:
  /// Makes this actor end with `owner`.
  void belong_to(const caf::actor& owner) {
    owner_ = owner.address();
    link_to(owner);
  }

private:
  caf::actor_addr owner_; ///< Null: it ends by itself.
};

/// To a runtime actor that does not end by itself, by who made it: end.
struct dismiss {};

/// Spawns `T(cfg, at, xs...)` on thread `at`.
template <class T, class... Ts>
caf::actor spawn_pinned(caf::actor_system& sys, event_loop* at, Ts&&... xs) {
  caf::actor_config cfg{at};
  return sys.spawn_class<T, caf::no_spawn_options>(cfg, at,
                                                   std::forward<Ts>(xs)...);
}

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::dismiss)
