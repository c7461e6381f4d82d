#pragma once

#include "actors/client/client_callbacks.hpp"
#include "actors/client/client_link.hpp"
#include "actors/client/client_protocol2.hpp"
#include "actors/client/client_queue.hpp"
#include "actors/handled.hpp"
#include "base/guarded.hpp"

#include <caf/behavior.hpp>
#include <caf/send.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Sent by the handles of a client. Makes it call `run`.
struct client_task {
  std::function<void(client_actor&)> run;
};

/// The actor of a `ws_client`: reads and queues messages and calls callbacks.
class client_actor final : public client_link {
public:
  client_actor(caf::actor_config& cfg, event_loop* at,
               std::shared_ptr<client_core> core, client_dialer dial);

  const char* name() const override {
    return "ws_client";
  }

  caf::behavior make_behavior() override;
  void on_exit() override;

  /// Returns the key of handlers for an event of a room.
  static std::string key_of(std::string_view event, std::string_view room);

  // -- calls of handles -------------------------------------------------------

  void start();

  client_callbacks& callbacks() noexcept {
    return callbacks_;
  }

  /// Adds a callback for connections, and calls it if there is one.
  void add_on_connect(callback<ws_client&> f);

  void send(const frame& message);

  /// Sends `message` now, if there is a connection, and on each new one, in
  /// place of what was kept for `event`.
  void keep(const std::string& event, const frame& message);

  void forget(const std::string& event);

  void join(const std::string& room, const wire_value& data);
  void leave(const std::string& room);
  void send_to_room(const frame& message);

  /// Sends a request and passes the outcome to `f`.
  void ask(const client_question& what, const request_callback& f);

  /// Runs `f(client_actor&)` after what handles have asked for so far.
  template <class F>
  void defer(F f) {
    caf::anon_send(handle(), client_task{std::move(f)});
  }

  void reconnect();

  /// Closes the client within `ws_client_options::close_timeout`.
  void close(close_code code, std::string_view reason);

private:
  friend class client_protocol2;
  friend class client_rooms;

  // -- the link
  void on_handshake(const std::string& subprotocol) override;
  void on_open() override;
  void on_message(const frame& message) override;
  void on_state() override;
  void on_end(const ws_client_end& how) override;
  void on_alarm() override;
  std::optional<caf::timespan> decide_wait(ws_client_end& how) override;
  std::optional<frame> next_message() override;

  // -- messages
  handled hear(const event_view& event, troupe::requester& from,
               std::string_view room = {});
  void hear_raw(const frame& message);
  bool queue_message(client_queue::item x);

  /// Queues a message that must not be sent on a later connection.
  bool queue_here(frame message, uint64_t request);
  void drop(drop_reason why, const frame& message);
  void publish_queue_size();

  // -- callbacks

  /// Calls `f`, which runs code of users. Exceptions are passed to `on_error`.
  /// @returns false if `f` has thrown.
  template <class F>
  bool guarded(F f) {
    try {
      f();
      return true;
    } catch (...) {
      tell_error(make_error(errc::handler_failed, exception_text()));
      return false;
    }
  }

  template <class F, class... Ts>
  void call(callback_list<F>& list, const Ts&... xs) {
    auto me = facade();
    list.for_each([&](auto& f) { guarded([&] { f(me, xs...); }); });
  }

  /// Calls the callbacks of `list` for `name`.
  template <class F, class T>
  void tell(client_callbacks::named_list<F>& list, const std::string& name,
            const T& x) {
    auto me = facade();
    list.for_each([&](auto& entry) {
      if (entry.first == name)
        guarded([&] { entry.second(me, x); });
    });
  }

  handled tell_event(client_callbacks::named_list<client_event_handler>& list,
                     std::string_view name, const event_view& x,
                     troupe::requester& from);
  void tell_joined(const std::string& room, const event_view& answer);
  void tell_no_rooms();
  ws_client facade();
  void tell_error(const caf::error& err);

  client_callbacks callbacks_;
  client_queue queue_;
  std::vector<std::pair<std::string, frame>> kept_; ///< By event.
  std::optional<client_protocol2> protocol2_;       ///< Empty for version 1.
  bool is_told_ = false; ///< Whether `on_disconnect` was called for this loss.
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::client_task)
