#pragma once

#include "actors/callbacks.hpp"
#include "actors/handled.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/server_core.hpp"
#include "troupe/codec.hpp"
#include "troupe/request.hpp"

#include <caf/behavior.hpp>

#include <any>
#include <memory>
#include <string>
#include <utility>

namespace troupe::actors {

/// The base of connection_actor: runs the handlers that users have registered.
/// An exception of a handler is counted and passed to on_error (C48); the other
/// handlers still run. Calling `become` on the actor has no effect.
class handler_actor : public pinned_actor {
public:
  using pinned_actor::consume;

  /// Handles one message. Meanwhile `running` returns this actor.
  caf::invoke_message_result consume(caf::mailbox_element& x) override;

  // -- properties -------------------------------------------------------------

  const std::string& client_id() const noexcept {
    return id_;
  }

  const troupe::request& req() const noexcept {
    return request_;
  }

  void set_principal(std::any x) {
    request_.set_principal(std::move(x));
  }

  server_core& core() const noexcept {
    return *core_;
  }

  const std::shared_ptr<server_core>& shared_core() const noexcept {
    return core_;
  }

  callbacks& handlers() noexcept {
    return handlers_;
  }

  // -- calling handlers -------------------------------------------------------

  /// Calls each callback of `list` with the connection and `xs`.
  template <class F, class... Ts>
  void call(callback_list<F>& list, const Ts&... xs) {
    list.for_each([&](auto& f) { guarded([&] { f(facade_, xs...); }); });
  }

  /// Calls the handlers of a message of the client: those of its event, or the
  /// message handlers if it is not an event.
  void handle(const frame& message);

  /// Calls the handlers of an event or a request; if it has none, its service
  /// (`server::serve`).
  /// @param asker  who asks; `no_request` for an event.
  handled handle_event(const event_view& event, troupe::requester& asker);

  /// Calls `f`, which runs handlers, and reports it if it takes long.
  /// @param describe  returns what is handled, as text.
  template <class F, class G>
  void watched(F f, G describe) {
    auto began = at() ? at()->clock().now() : coarse_clock::time_point{};
    f();
    if (at())
      at()->watch(began, [&] {
        return "the handler of " + describe() + " of connection " + id_;
      });
  }

  /// Calls `f` with the connection.
  /// @returns false if `f` has thrown.
  template <class F>
  bool call(F f) {
    return guarded([&] { f(facade_); });
  }

  /// Calls on_error. Exceptions that on_error throws are only counted.
  void tell_error(const caf::error& err);

  /// Logs an error as `log_once` does and calls on_error.
  void fail(const caf::error& err);

  /// Returns the actor whose message this thread handles; null between
  /// messages.
  static handler_actor* running() noexcept {
    return running_;
  }

protected:
  /// @param self  this actor.
  handler_actor(caf::actor_config& cfg, event_loop* at, connection_actor& self,
                std::shared_ptr<server_core> core, std::string id,
                troupe::request req);

  /// Calls `f`, which runs code of users.
  /// @returns false if `f` has thrown.
  template <class F>
  bool guarded(F f) {
    try {
      f();
      return true;
    } catch (...) {
      handler_failed();
      return false;
    }
  }

  /// Calls `f` in place of a message handler, as `act` does. If `f` throws,
  /// calls `break_down`.
  /// @pre idle_here()
  template <class F>
  void act_safely(F f) {
    act([&] {
      run_mark mark{this};
      try {
        f();
      } catch (...) {
        break_down();
      }
      keep_behavior();
    });
  }

  /// Forgets the callbacks, which may hold handles to this actor.
  void forget_handlers() {
    handlers_ = {};
  }

  /// Logs a line about the client, at most once per connection, so that a
  /// hostile client does not fill the log.
  void log_once(const std::string& line);

private:
  /// Sets `running_` during its lifetime. Marks are nested if one actor acts
  /// within a handler of another.
  class run_mark {
  public:
    explicit run_mark(handler_actor* self)
      : before_(std::exchange(running_, self)) {
    }

    ~run_mark() {
      running_ = before_;
    }

    run_mark(const run_mark&) = delete;
    run_mark& operator=(const run_mark&) = delete;

  private:
    handler_actor* before_;
  };

  /// Returns the behavior that the actor keeps even if users call `become`;
  /// null before it enlists.
  virtual const caf::behavior* kept_behavior() const = 0;

  /// Called in a catch clause when troupe's own code has thrown. Ends the
  /// actor.
  virtual void break_down() = 0;

  /// Calls an event handler by `call`.
  template <class F>
  handled attempt(F call) {
    auto result = handled::failed;
    guarded([&] {
      auto err = call();
      result = err ? handled::unfit : handled::fine;
      if (!err)
        return;
      add_one(core_->stats.unfit_values);
      fail(err);
    });
    return result;
  }

  handled serve(const event_view& event, troupe::requester& asker);
  void handle_version_1(const frame& message);
  std::string describe(const frame& message) const;
  void handler_failed() noexcept;
  void keep_behavior();

  static constinit inline thread_local handler_actor* running_ = nullptr;

  bool logged_ = false; // First, to share the padding of the base class.
  std::shared_ptr<server_core> core_;
  std::string id_;
  troupe::request request_;
  connection facade_;
  callbacks handlers_;
};

} // namespace troupe::actors
