#include "actors/client/client_link.hpp"

#include "base/close_frame.hpp"

#include <chrono>
#include <utility>

namespace troupe::actors {

namespace {

using namespace std::chrono_literals;

/// A connection of this duration ends a series of failed attempts.
constexpr auto settled_time = 5s;

/// Maximum number of answers of the client itself that wait to be written;
/// beyond it, the server is not read.
constexpr size_t max_first = 64;

} // namespace

client_link::client_link(caf::actor_config& cfg, event_loop* at,
                         std::shared_ptr<client_core> core, client_dialer dial)
  : pinned_actor(cfg, at),
    core_{std::move(core)},
    dial_{std::move(dial)},
    backoff_{core_->options.min_delay, core_->options.max_delay} {
}

void client_link::on_exit() {
  forget_socket();
  core_->state = client_state::closed;
}

caf::message_handler client_link::link_handlers() {
  return {
    [this](client_alarm x) { on_alarm(x.number); },
    [this](const client_socket_opened& x) {
      if (!is_current(x.socket))
        return;
      socket_->read();
      on_handshake(x.subprotocol);
    },
    [this](const client_socket_received& x) {
      if (!is_current(x.socket))
        return;
      if (state() != client_state::closing)
        on_message(x.message);
      read_on();
    },
    [this](client_socket_written x) {
      if (!is_current(x.socket))
        return;
      is_writing_ = false;
      pump();
      if (is_held_)
        read_on();
    },
    [this](const client_socket_ended& x) {
      if (is_current(x.socket))
        on_ended(
          {.code = x.code, .reason = x.reason, .was_clean = x.was_clean});
    },
  };
}

caf::actor client_link::handle() {
  return caf::actor{this};
}

// -- what an attempt goes through ---------------------------------------------

void client_link::connect() {
  forget_socket();
  enter(client_state::connecting);
  set_alarm(core_->options.connect_timeout);
  socket_ = dial_(handle(), ++number_);
}

void client_link::enter_open() {
  ++alarm_;
  opened_at_ = clock().now();
  core_->state = client_state::open;
  on_open();
  on_state();
  pump();
}

void client_link::close(close_code code, std::string_view reason,
                        caf::timespan patience) {
  if (state() == client_state::closing || state() == client_state::closed)
    return;
  close_code_ = base::sendable(code);
  close_reason_ = base::cut_reason(reason);
  auto was_open = state() == client_state::open;
  enter(client_state::closing);
  if (!was_open)
    return on_ended(
      {.code = close_code_, .reason = close_reason_, .was_clean = true});
  set_alarm(patience);
  pump();
}

void client_link::abandon(close_code code, std::string reason) {
  on_ended({.code = code, .reason = std::move(reason)});
}

void client_link::on_ended(ws_client_end how) {
  forget_socket();
  if (state() == client_state::open
      && clock().now() - opened_at_ >= settled_time)
    attempts_ = 0;
  how.attempts = attempts_++;
  auto wait = decide_wait(how);
  how.is_over = !wait || state() == client_state::closing;
  if (!how.is_over) {
    how.retry_in = *wait;
    set_alarm(*wait);
  }
  core_->state = how.is_over ? client_state::closed : client_state::waiting;
  on_end(how);
  on_state();
  if (how.is_over)
    quit(to_down_reason({how.code, how.reason, false, {}}));
}

void client_link::forget_socket() {
  ++alarm_;
  if (auto socket = std::exchange(socket_, nullptr))
    socket->drop();
  first_.clear();
  is_writing_ = is_held_ = is_shaking_hands_ = false;
}

void client_link::enter(client_state x) {
  core_->state = x;
  on_state();
}

// -- alarms -------------------------------------------------------------------

void client_link::set_alarm(caf::timespan time) {
  delayed_send(this, time, client_alarm{++alarm_});
}

void client_link::on_alarm(uint64_t number) {
  if (number != alarm_)
    return;
  switch (state()) {
    case client_state::connecting:
      return abandon(close_code::abnormal, "no answer in time");
    case client_state::open:
      return on_alarm();
    case client_state::waiting:
      return connect();
    case client_state::closing:
      return abandon(close_code::abnormal, "no close frame in time");
    case client_state::closed:
      return;
  }
}

// -- messages -----------------------------------------------------------------

void client_link::write_first(frame message) {
  first_.push_back(std::move(message));
  pump();
}

void client_link::pump() {
  if (!socket_ || is_writing_ || is_shaking_hands_)
    return;
  std::optional<frame> next;
  if (!first_.empty()) {
    next = std::move(first_.front());
    first_.pop_front();
  } else if (state() != client_state::connecting) {
    next = next_message();
  }
  if (next) {
    is_writing_ = true;
    socket_->write(std::move(*next));
  } else if (state() == client_state::closing) {
    is_shaking_hands_ = true;
    socket_->close(close_code_, close_reason_);
  }
}

void client_link::read_on() {
  if (!socket_ || is_shaking_hands_)
    return;
  is_held_ = first_.size() >= max_first;
  if (!is_held_)
    socket_->read();
}

} // namespace troupe::actors
