#pragma once

#include "actors/connection_messages.hpp"
#include "actors/handler_actor.hpp"
#include "actors/outbound_sequencer.hpp"
#include "actors/output_budget.hpp"
#include "actors/publish_target.hpp"
#include "actors/registry_actor.hpp"
#include "actors/relay_actor.hpp"
#include "actors/room_memberships.hpp"
#include "actors/seams/socket_layers.hpp"
#include "actors/server_core.hpp"
#include "troupe/connection.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace troupe::actors {

/// When a connection's messages are first read.
enum class reading : uint8_t {
  at_once,   ///< After on_connection.
  when_told, ///< After `start_reading`; it enlists after `socket_open`.
};

/// One client: what its socket reads comes in as messages, goes through the
/// user's handlers, and what those send leaves through the outbound sequencer.
/// Its life is a sequence of phases, see `phase`.
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
  bool try_deliver(const batch& messages) override;
  bool try_confirm(confirmed msg) override;

  /// The fast path in: handles a message of the client at once, if the caller
  /// is on this thread and nothing older waits.
  /// @returns false if not; send an `inbound` then.
  bool read_here(const frame& message);

  /// Whether anybody wants the client's pings, or pongs. On the socket's
  /// thread.
  bool hears(bool is_pong) noexcept {
    return !(is_pong ? handlers().pong : handlers().ping).empty();
  }

  // -- what handlers may do (see troupe::connection) --------------------------

  const troupe::config& settings() const noexcept override {
    return core().settings;
  }

  /// True inside of its callbacks, on its thread.
  bool is_usable_here() const noexcept override {
    return running() == this;
  }

  troupe::server* server() const noexcept {
    return core().owner;
  }

  const std::string& subprotocol() const noexcept {
    return socket_->subprotocol();
  }

  /// Why it ended; none while it lives and after a normal end.
  const caf::error& err() const noexcept {
    return err_;
  }

  troupe::values& values() {
    if (!values_)
      values_ = std::make_unique<troupe::values>();
    return *values_;
  }

  void send_to(const recipient& to, frame message) override;
  void emit_to_self(frame message);
  caf::error send_to_self(outbound_sequencer::own_item what);
  caf::error join_room(const std::string& room);
  bool leave_room(const std::string& room);
  void leave_rooms();
  bool is_member(const std::string& room) const;

  std::vector<std::string> room_names() const {
    return rooms_.names();
  }

  caf::error disconnect_client(close_code code, std::string_view reason,
                               caf::error cause = {});

private:
  enum class phase : uint8_t {
    waiting,   ///< For its socket.
    enlisting, ///< Has asked the registry, and counts as present.
    open,      ///< on_connection has run.
    closing,   ///< Torn down; the socket has not ended yet.
    closed,    ///< So has the socket; sends what still waits.
    ended,     ///< The actor has.
  };

  /// What came before it was open.
  struct early {
    std::vector<run_inside> runs;
    std::optional<close_info> end;
  };

  caf::behavior await_socket();
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
  void start();
  early& come_early();
  void run(const run_inside& msg);
  void on_socket_end(const close_info& how);
  void read_on();
  void deliver_to_client(const batch& messages);
  void to_client(outbound_sequencer::own_item& x);
  void on_confirmed(const confirmed& what);
  void on_joined(const joined& msg);
  void on_join_refused(const join_refused& msg);
  void on_room_down(const std::string& name);
  void begin_callback() {
    budget_.begin(outbox_.waiting_bytes());
  }

  bool may_send(size_t bytes);
  void refuse_output();
  void answer(caf::message with);
  void answer_join(const std::string& room);
  caf::error refuse_room(const std::string& room);
  void end(const close_info& how, phase next);
  void end_at_once();
  void let_go_of_rooms();
  void quit_when_done();

  bool welcome();
  bool goes_past_handlers(const caf::mailbox_element& x) const;
  void break_down() override;
  void delivery_failed();

  std::shared_ptr<lower_layer> socket_;
  std::unique_ptr<troupe::values> values_; ///< Null as long as there are none.
  caf::error err_;
  caf::error down_reason_; ///< For who monitors us.
  outbound_sequencer outbox_;
  room_memberships rooms_;
  std::unique_ptr<early> early_; ///< Null if nothing came early.
  // The flags after it lie in its padding.
  [[no_unique_address]] output_budget budget_;
  phase phase_ = phase::waiting;
  reading begins_;
  bool is_ending_ = false; ///< `disconnect` was called, or it is torn down.
  bool refusing_ = false;  ///< on_error is told of a join.
  uint32_t owed_credit_ = 0;
  caf::error refusal_; ///< Of the join that was just answered.
};

} // namespace troupe::actors
