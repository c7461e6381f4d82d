#pragma once

#include "actors/connection_actions.hpp"
#include "actors/connection_messages.hpp"
#include "actors/dialogue.hpp"
#include "actors/handler_actor.hpp"
#include "actors/hello_gate.hpp"
#include "actors/outbound_sequencer.hpp"
#include "actors/publish_target.hpp"
#include "actors/seams/socket_layers.hpp"
#include "actors/server_core.hpp"
#include "troupe/connection.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// When a connection starts to read messages of its client.
enum class reading : uint8_t {
  at_once,   ///< After on_connection.
  when_told, ///< On `start_reading`. The connection enlists on `socket_open`.
};

/// Represents one client. Implements the life cycle of a connection (`phase`)
/// and handles the messages of its socket and of other actors. The base class
/// `handler_actor` runs users' handlers, and `connection_actions` implements
/// what these may do.
class connection_actor final : public handler_actor,
                               public direct_receiver,
                               public publish_target {
public:
  connection_actor(caf::actor_config& cfg, event_loop* at,
                   std::shared_ptr<server_core> core, std::string id,
                   troupe::request req, std::shared_ptr<lower_layer> socket,
                   reading begins = reading::at_once);

  const char* name() const override {
    return "troupe.connection";
  }

  caf::behavior make_behavior() override;
  using handler_actor::consume;
  caf::invoke_message_result consume(caf::mailbox_element& x) override;
  void on_exit() override;
  bool try_deliver(const batch& messages, const std::string& room) override;
  bool try_confirm(msg::confirmed msg) override;

  /// The inbound fast path. Handles a message of the client at once if the
  /// connection is open and `idle_here`.
  /// @returns false otherwise; the caller then has to send `inbound`.
  bool read_here(const frame& message);

  /// Returns whether there is a handler for pings, or for pongs, of the client.
  /// Called on the socket's thread.
  bool hears(bool is_pong) noexcept {
    return !(is_pong ? handlers().pong : handlers().ping).empty();
  }

  // -- what handlers may do (see troupe::connection) --------------------------

  const troupe::config& settings() const noexcept override {
    return core().settings;
  }

  /// Returns whether the caller is a callback of this connection.
  bool is_usable_here() const noexcept override {
    return running() == this;
  }

  troupe::server* server() const noexcept {
    return core().owner;
  }

  const std::string& subprotocol() const noexcept {
    return socket_->subprotocol();
  }

  /// Returns why the connection has ended; none before its end and after a
  /// normal one.
  const caf::error& err() const noexcept {
    return err_;
  }

  troupe::values& values() {
    if (!values_)
      values_ = std::make_unique<troupe::values>();
    return *values_;
  }

  connection_actions& actions() noexcept {
    return actions_;
  }

  /// Returns what speaks version 2 with the client; null for version 1.
  actors::dialogue* dialogue() noexcept {
    return dialogue_.get();
  }

  void send_to(const recipient& to, frame message) override {
    actions_.send_to(to, std::move(message));
  }

private:
  enum class phase : uint8_t {
    waiting,   ///< Waits for `socket_open`, or for `hello_gate`.
    enlisting, ///< Has sent `enlist`; counted by `presence` from now on.
    open,      ///< Is registered; runs handlers.
    closing,   ///< Is ending; the socket has not ended yet.
    closed,    ///< The socket has ended; sends what still waits.
    ended,     ///< The actor has terminated.
  };

  /// Messages that arrive while the connection enlists.
  struct early {
    std::vector<run_inside> runs;
    std::optional<close_info> end;
  };

  caf::behavior await_socket();
  caf::behavior first_steps();
  void enter();
  caf::behavior enlist_and_read();
  static connection_actor& current() noexcept;
  static const caf::behavior& message_table();
  const caf::behavior* kept_behavior() const override;
  void begin();
  void refuse(const caf::error& reason);
  void read(const frame& message);
  void dispatch_actor_message(const caf::message& msg);
  void read_control(const inbound_control& msg);
  void read_overflow(const inbound_overflow& msg);
  void on_missed(uint64_t count);

  void start() {
    if (phase_ == phase::open && begins_ == reading::at_once)
      socket_->grant(core().settings.inbound_credit);
  }

  early& come_early() {
    if (!early_)
      early_ = std::make_unique<early>();
    return *early_;
  }

  void run(const run_inside& msg);
  void on_socket_end(const close_info& how);
  void read_on();

  connection_state state() const {
    return {req().remote_address(), std::string{req().path()},
            actions_.room_count(), socket_->state()};
  }

  void deliver_to_client(const batch& messages, const std::string& room);
  void to_socket(const frame& message);
  void to_client(outbound_sequencer::own_item& x);
  void end(const close_info& how, phase next);
  void end_at_once();

  /// Called when messages were confirmed or sent.
  void go_on() {
    read_on();
    quit_when_done();
  }

  void quit_when_done();
  bool welcome();
  bool goes_past_handlers(const caf::mailbox_element& x) const;
  void break_down() override;
  void delivery_failed();

  std::shared_ptr<lower_layer> socket_;
  std::unique_ptr<troupe::values> values_; ///< Null until it is used.
  caf::error err_;
  caf::error down_reason_;       ///< Exit reason of the actor.
  std::unique_ptr<early> early_; ///< Null if there are none.
  connection_actions actions_;
  std::unique_ptr<hello_gate> gate_; ///< Null for version 1 unless it is used.
  std::unique_ptr<actors::dialogue> dialogue_; ///< Null for version 1.
  uint32_t owed_credit_ = 0; ///< Frames handled since the last `grant`.
  phase phase_ = phase::waiting;
  reading begins_;
};

} // namespace troupe::actors
