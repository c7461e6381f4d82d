#include "net/ws/ws_session.hpp"

#include "base/protocol2.hpp"
#include "net/runtime/access_log.hpp"
#include "net/ws/close_advice.hpp"
#include "net/ws/close_reason.hpp"
#include "net/ws/inbound_message.hpp"
#include "troupe/frame.hpp"
#include "troupe/log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace troupe::net {

using actors::send_status;
using found = frame_reader::found;

namespace {

constexpr auto wire_ping = std::string_view{"\x89\x00", 2};

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

ws_session::ws_session(transport connection, worker& event_loop,
                       std::shared_ptr<const ws_limits> limits,
                       std::string remote, std::string subprotocol)
  : session{std::move(connection), event_loop},
    limits_{std::move(limits)},
    remote_{std::move(remote)},
    subprotocol_{std::move(subprotocol)} {
}

ws_session::~ws_session() = default;

// -- opening ------------------------------------------------------------------

void ws_session::open(std::string reply, int window_bits) {
  if (window_bits > 0)
    reader_.expect_deflate();
  // `conflate` needs the names of events, which cannot be read in compressed
  // messages.
  if (limits_->queue.policy != overflow::conflate)
    window_bits_ = static_cast<uint8_t>(window_bits);
  if (limits_->unsent > 0)
    limit_unsent(stream_.socket(), limits_->unsent);
  phase_ = phase::open;
  opened_ = loop_.now();
  idle_.start(opened_);
  if (limits_->enable_protocol_2 && subprotocol_ == protocol2::subprotocol)
    life_ = std::make_unique<signs_of_life>(opened_);
  stream_.queue(to_slice(std::move(reply)));
  if (!begin(shared_from_this()))
    finish(close_reason::lost({errno, boost::system::system_category()}));
  else if (std::exchange(closes_at_once_, false))
    begin_close(std::move(end_));
}

void ws_session::start(std::shared_ptr<actors::upper_layer> upper_layer) {
  upper_layer_ = std::move(upper_layer);
  if (!upper_layer_)
    close(close_code::going_away, "");
}

// -- lower_layer --------------------------------------------------------------

send_status ws_session::send(slice frames) {
  if (!loop_.is_current()) {
    asio::post(loop_.io(), [self = shared_from_this(),
                            frames = std::move(frames)]() mutable {
      self->send(std::move(frames));
    });
    return send_status::queued;
  }
  if (phase_ != phase::open)
    return send_status::closed;
  if (window_bits_ > 0 && frames.messages > 0)
    frames = deflate_cache::of_thread().deflate(
      std::move(frames), limits_->deflate, window_bits_, loop_);
  if (!stream_.queued().has_room_for(frames, limits_->gathered))
    return send_over_limit(std::move(frames));
  stream_.queue(std::move(frames));
  return send_status::queued;
}

void ws_session::grant(uint32_t frames) {
  if (!loop_.is_current()) {
    asio::post(loop_.io(),
               [self = shared_from_this(), frames] { self->grant(frames); });
    return;
  }
  credit_ += frames;
  read_soon();
}

void ws_session::close(close_code code, std::string_view reason) {
  if (!loop_.is_current()) {
    asio::post(loop_.io(),
               [self = shared_from_this(), code, reason = std::string{reason}] {
                 self->close(code, reason);
               });
    return;
  }
  begin_close({code, std::string{base::cut_reason(reason)}, false, {}});
}

// -- reading ------------------------------------------------------------------

void ws_session::on_ready(uint32_t events) {
  auto self = shared_from_this(); // the end may release all other references
  note(events);
  try {
    if (phase_ == phase::lingering)
      linger_on();
    else
      read();
  } catch (...) { // The rest of the current frame is lost.
    finish({close_code::internal_error, "", false,
            make_error(errc::connection_lost, "an exception")});
    throw;
  }
}

/// Returns whether the session reads. Without credit, messages wait in the
/// kernel, which slows down the peer.
bool ws_session::wants_input() const noexcept {
  if (phase_ == phase::closing)
    return true;
  return phase_ == phase::open && upper_layer_ && credit_ > 0
         && !rates_.is_paused() && !leaves_answers();
}

/// Makes at most one system call, so that other sockets are served.
void ws_session::read() {
  is_reading_ = true;
  if (!rest_bytes_.empty())
    read_rest();
  if (rest_bytes_.empty() && is_readable() && wants_input())
    read_socket();
  is_reading_ = false;
  read_soon();
}

/// Requests another call instead of reading at once, since this may be called
/// by code that the upper layer runs.
void ws_session::read_soon() {
  if (!is_reading_ && (is_readable() || !rest_bytes_.empty()) && wants_input())
    loop_.sockets().call(*this);
}

void ws_session::read_rest() {
  read_frames(rest_bytes_);
  if (rest_bytes_.empty())
    rest_.reset();
}

void ws_session::read_socket() {
  auto input = receive();
  read_frames(input.bytes);
  if (!input.bytes.empty()) {
    rest_ = std::make_unique_for_overwrite<char[]>(input.bytes.size());
    std::ranges::copy(input.bytes, rest_.get());
    rest_bytes_ = {rest_.get(), input.bytes.size()};
  }
  if (input.is_over)
    on_lost(input.why);
}

/// Processes frames until the share of the turn is spent; otherwise it might
/// not end, since an actor may return credit as fast as it consumes frames.
void ws_session::read_frames(std::span<char>& input) {
  while (wants_input()) {
    auto what = reader_.next(input, limits_->frames);
    if (what == found::nothing)
      return count_empty_fragments();
    on_found(what);
    reader_.forget();
    if (loop_.is_share_spent())
      break;
  }
  if (phase_ > phase::closing)
    input = {};
}

void ws_session::on_found(found what) {
  switch (what) {
    case found::ping:
    case found::pong:
      return on_control(what == found::pong);
    case found::close:
      return on_close_frame();
    case found::failure:
      return fail(close_reason::of(reader_.why()));
    default:
      return on_message(what);
  }
}

void ws_session::on_message(found what) {
  if (phase_ != phase::open)
    return; // The peer has not received the close frame yet.
  auto message = to_message(what, reader_.payload(), limits_->frames.message);
  if (auto* why = std::get_if<close_info>(&message))
    return fail(std::move(*why));
  auto& content = std::get<frame>(message);
  --credit_;
  ++stream_.amount().messages_in;
  auto now = loop_.now();
  idle_.on_message(now);
  if (limits_->rates.bound_messages())
    rates_.on_message(now, content.payload().size(), limits_->rates);
  upper_layer_->on_frame(std::move(content));
}

void ws_session::on_control(bool is_pong) {
  if (phase_ != phase::open || !count_control(1))
    return;
  if (is_pong)
    if (auto time = idle_.on_pong(loop_.now()))
      loop_.counters().round_trips.add(static_cast<uint64_t>(time->count()));
  auto payload = reader_.payload();
  credit_ -= upper_layer_->on_control(is_pong, payload) ? 1 : 0;
  if (!is_pong && phase_ == phase::open)
    stream_.queue(control_frame(opcode::pong, payload));
  awaiting_pong_read_ = !is_pong;
}

/// Counts frames that cost no credit.
/// @returns false if they are too many, which begins the end.
bool ws_session::count_control(uint32_t frames) {
  if (rates_.on_control(loop_.now(), frames, limits_->rates))
    return true;
  begin_close(close_reason::too_fast("too many control frames"));
  return false;
}

void ws_session::count_empty_fragments() {
  if (auto count = reader_.take_empty_fragments(); count > 0)
    count_control(count);
}

void ws_session::on_close_frame() {
  if (phase_ == phase::closing)
    return linger(std::move(end_));
  auto words = base::parse_close(reader_.payload());
  if (!words)
    return fail(
      close_reason::broken(close_code::protocol_error, "a broken close frame"));
  auto answer = words->code == close_code::no_status ? close_code::normal
                                                     : words->code;
  stream_.queue_close(base::close_frame(answer, words->reason));
  linger(close_reason::of(*words));
}

void ws_session::on_lost(error_code why) {
  if (phase_ == phase::closing)
    linger(std::move(end_)); // The peer may still read the close frame.
  else if (phase_ == phase::open)
    finish(close_reason::lost(why));
}

// -- slow receivers and closing -----------------------------------------------

/// Sends frames that exceed the limit for one turn or the limit of the queue.
send_status ws_session::send_over_limit(slice frames) {
  stream_.flush(); // much output in one turn does not mean a slow peer
  if (stream_.queued().has_room_for(frames, limits_->queue)) {
    stream_.queue(std::move(frames));
    return send_status::queued;
  }
  if (limits_->queue.policy == overflow::disconnect)
    give_up_output();
  else
    lost_ += stream_.queue(std::move(frames),
                           life_ ? limits_->queue_2 : limits_->queue);
  return send_status::full;
}

/// If nothing can be dropped, answers wait, which are never dropped.
void ws_session::give_up_output() {
  auto lost = stream_.drop_queued();
  if (limits_->queue.policy == overflow::disconnect || (life_ && lost == 0))
    begin_close(close_reason::too_slow());
  else
    lost_.dropped += lost;
}

void ws_session::tell_losses() {
  auto lost = std::exchange(lost_, {});
  if (upper_layer_ && lost.dropped + lost.conflated > 0)
    upper_layer_->on_overflow(lost.dropped, lost.conflated);
}

/// Begins the closing handshake.
void ws_session::begin_close(close_info info) {
  if (phase_ > phase::open || closes_at_once_)
    return;
  end_ = info;
  closes_at_once_ = phase_ == phase::handshake;
  if (closes_at_once_)
    return;
  phase_ = phase::closing;
  end_began_ = loop_.now();
  queue_close(end_);
  if (info.cause && upper_layer_) // the peer's response will not change it
    tell_end(std::move(info));
  read_soon();
}

/// Ends a connection whose input cannot be parsed any further (RFC 6455 section
/// 7.1.7).
void ws_session::fail(close_info info) {
  if (phase_ == phase::closing)
    return linger(std::move(end_));
  queue_close(info);
  linger(std::move(info));
}

/// Queues a close frame, and before it the advice of version 2.
void ws_session::queue_close(const close_info& how) {
  if (life_)
    stream_.queue(close_advice(how, limits_->binary_messages));
  stream_.queue_close(base::close_frame(how.code, how.reason));
}

/// Waits for the peer's FIN after both close frames, or a failure.
void ws_session::linger(close_info info) {
  phase_ = phase::lingering;
  end_began_ = loop_.now();
  release_input();
  tell_end(std::move(info));
  linger_on();
}

void ws_session::linger_on() {
  if (wind_down())
    finish({});
}

/// Closes the connection at once. The caller must hold a reference, since the
/// session releases its own.
void ws_session::finish(close_info info) {
  if (std::exchange(phase_, phase::ended) == phase::ended)
    return;
  session::end(); // the caller holds a reference
  release_input();
  tell_end(std::move(info));
  write_access_line();
}

void ws_session::write_access_line() {
  if (auto line = std::exchange(access_line_, nullptr)) {
    line->amount = stream_.amount();
    line->end = line->end.value_or(end_);
    access_log::of_process().push(std::move(*line));
  }
}

void ws_session::release_input() {
  rest_.reset();
  rest_bytes_ = {};
  reader_ = {};
}

void ws_session::tell_end(close_info info) {
  if (std::exchange(end_told_, true))
    return;
  close_reason::tell(remote_, info);
  if (access_line_)
    access_line_->end = info;
  loop_.counters().closes.add(info.code, info.by_peer);
  tell_losses();
  if (auto upper_layer = std::exchange(upper_layer_, nullptr))
    upper_layer->on_close(std::move(info));
}

// -- time ---------------------------------------------------------------------

void ws_session::on_tick(time_point now) {
  auto self = shared_from_this(); // the end may release all other references
  stream_.release_memory();
  stream_.note_progress();
  if (loop_.note_output(stream_.unsent(), stream_.congested()))
    give_up_output();
  tell_losses();
  if (stream_.is_stuck(now, limits_->write_timeout))
    finish(phase_ == phase::open ? close_reason::timed_out(errc::write_timeout)
                                 : std::move(end_));
  else if (phase_ != phase::open)
    watch_closing(now);
  else
    watch_client(now);
}

void ws_session::watch_client(time_point now) {
  if (rates_.is_too_fast(now))
    return begin_close(close_reason::too_fast("too many messages"));
  rates_.on_tick(now);
  if (life_)
    watch_life(now);
  if (phase_ != phase::open)
    return;
  read_soon(); // after a pause
  if (wants_input())
    return watch_silence(now);
  idle_.reset(now);
  if (stream_.failed())
    finish({close_code::abnormal, "", true, make_error(errc::connection_lost)});
}

void ws_session::watch_closing(time_point now) {
  if (now - end_began_ > limits_->close_timeout)
    finish(std::move(end_));
}

void ws_session::watch_silence(time_point now) {
  using verdict = idle_timers::verdict;
  auto how = idle_.check(now, stream_.last_read(), *limits_);
  if (how == verdict::no_pong)
    finish(close_reason::timed_out(errc::pong_timeout));
  else if (how == verdict::no_message)
    begin_close(close_reason::too_quiet());
  else if (how == verdict::ping_due)
    stream_.queue({nullptr, wire_ping, 0});
}

/// Awaits the hello of version 2 and sends beats.
void ws_session::watch_life(time_point now) {
  if (stream_.amount().messages_in == 0
      && now - opened_ > limits_->handshake_timeout)
    return begin_close({close_code::protocol_error, "no hello", false,
                        make_error(errc::protocol_violation, "no hello")});
  if (life_->is_due(now, stream_.amount().messages_out, limits_->beat_period))
    stream_.queue({nullptr, signs_of_life::beat(limits_->binary_messages), 0});
}

void ws_session::on_worker_end() {
  write_access_line();
  phase_ = phase::ended;
  upper_layer_ = nullptr;
  session::on_worker_end();
}

} // namespace troupe::net
