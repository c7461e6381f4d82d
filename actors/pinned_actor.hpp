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

/// The base of troupe's actors. Always runs on its event loop, regardless of
/// the sender of a message, so that it can use the sockets of that thread
/// without a lock. With a null event loop it runs on any thread of the actor
/// system's scheduler.
class pinned_actor : public caf::event_based_actor {
public:
  pinned_actor(caf::actor_config& cfg, event_loop* at)
    : caf::event_based_actor(cfg),
      loop_(at) {
    // By default, an actor of CAF 0.17 responds to an unexpected message with
    // an error, and terminates if it receives such an error.
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

  /// Returns the event loop; null under CAF's schedulers, as in unit tests.
  /// `at()->clock()` is cheaper than CAF's `clock()`, which unit tests control.
  event_loop* at() const noexcept {
    return loop_;
  }

  /// Returns whether the caller may use `act`: it is on the thread of this
  /// actor, the actor is not acting already and awaits no response, and no
  /// earlier message waits, neither in the mailbox nor skipped.
  bool idle_here() noexcept {
    return loop_ != nullptr && loop_->is_current() && !is_acting_
           && mailbox().blocked() && awaited_responses_.empty()
           && !has_skipped();
  }

  /// Returns the same for an actor that awaits a response, for messages that
  /// need not wait for that response. Skipped messages are ignored, since they
  /// do wait for it.
  bool awaits_here() noexcept {
    return loop_ != nullptr && loop_->is_current() && !is_acting_
           && mailbox().blocked() && !awaited_responses_.empty();
  }

  /// Returns whether this actor is being destroyed because no handle to it is
  /// left. In this state it must not be the sender of a message, since the
  /// release of that handle would destroy it a second time.
  bool is_unreachable() const noexcept {
    return ctrl()->strong_refs.load() == 0;
  }

  /// Returns whether the current message is a request. CAF sends the response
  /// to any other message as an ordinary message, which the sender may not
  /// handle; an error would terminate the sender.
  bool is_asked() noexcept {
    return current_mailbox_element()->mid.is_request();
  }

protected:
  /// Calls `f` at once, as the handler of a message without a sender, as CAF
  /// does for its brokers when their sockets are ready. This takes a tenth of
  /// the time of a message. `f` may send, quit and throw like any handler.
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

/// The base of the actors that are vital to a server or a node. An actor that
/// is linked to one terminates with it, but cannot terminate it: exit messages,
/// `kill` included, take effect only if they come from its owner.
class runtime_actor : public pinned_actor {
public:
  using pinned_actor::consume;
  using pinned_actor::pinned_actor;

  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    if (x.content().type_token() != caf::make_type_token<caf::exit_msg>())
      return pinned_actor::consume(x);
    // CAF would obey `kill` without calling the exit handler.
    auto source = x.content().get_as<caf::exit_msg>(0).source;
    if (owner_ && source == owner_)
      return pinned_actor::consume(x);
    unlink_from(source);
    return caf::invoke_message_result::consumed;
  }

protected:
  /// Makes this actor terminate with `owner`.
  void belong_to(const caf::actor& owner) {
    owner_ = owner.address();
    link_to(owner);
  }

private:
  caf::actor_addr owner_; ///< Null if it has none.
};

/// Sent to a runtime actor without an owner by its creator. Makes the actor
/// terminate.
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
