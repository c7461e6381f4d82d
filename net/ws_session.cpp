// The one translation unit that instantiates websocket::stream: 25 s each.

#include "net/ws_session.hpp"

#include "net/close_frame.hpp"
#include "net/deflate_offer.hpp"
#include "net/inflater.hpp"
#include "net/wire/utf8.hpp"
#include "troupe/log.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace troupe::net {

namespace websocket = boost::beast::websocket;

using actors::send_status;

namespace {

constexpr auto wire_ping = std::string_view{"\x89\x00", 2};

close_info too_big() {
  return {close_code::message_too_big, "", false,
          make_error(errc::message_too_big)};
}

close_info broken(std::string what) {
  return {close_code::invalid_payload, "", false,
          make_error(errc::protocol_violation, std::move(what))};
}

close_info broken_text() {
  return broken("text that is no UTF-8");
}

/// How `ec`, from reading, ends a connection that was open.
close_info to_close_info(error_code ec) {
  if (ec == websocket::error::message_too_big)
    return too_big();
  if (ec == websocket::error::bad_frame_payload)
    return broken_text();
  if (ec.category() == error_code{websocket::error::closed}.category())
    return {close_code::protocol_error, "", false,
            make_error(errc::protocol_violation, ec.message())};
  return {close_code::abnormal, "", true,
          make_error(errc::connection_lost, ec.message())};
}

/// How a connection ends whose peer sent a close frame.
close_info to_close_info(const websocket::close_reason& x) {
  close_info result{static_cast<close_code>(x.code),
                    {x.reason.data(), x.reason.size()},
                    true,
                    {}};
  if (x.code == websocket::close_code::none)
    result.code = close_code::no_status;
  if (!is_normal(result.code))
    result.cause = make_error(errc::closed_by_peer,
                              std::to_string(x.code) + " " + result.reason);
  return result;
}

log_level severity(const close_info& x) {
  if (!x.cause)
    return log_level::debug;
  return x.by_peer ? log_level::info : log_level::warning;
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

ws_session::ws_session(tcp_socket socket, worker& home,
                       std::shared_ptr<const ws_limits> limits,
                       std::string remote, std::string subprotocol)
  : home_{home},
    limits_{std::move(limits)},
    stream_{std::make_shared<coalescing_stream>(std::move(socket), home)},
    ws_{*stream_},
    remote_{std::move(remote)},
    subprotocol_{std::move(subprotocol)} {
  ws_.auto_fragment(false); // 16 system calls for 64 KiB otherwise
  ws_.read_message_max(limits_->max_message_size);
}

ws_session::~ws_session() = default;

// -- beginning ----------------------------------------------------------------

void ws_session::accept(const handshake_request& req,
                        std::function<void(error_code)> done) {
  agree_on_deflate(req);
  ws_.set_option(
    websocket::stream_base::decorator([this](websocket::response_type& res) {
      using boost::beast::http::field;
      res.set(field::server, "troupe");
      if (!subprotocol_.empty())
        res.set(field::sec_websocket_protocol, subprotocol_);
      if (stream_->marks())
        res.set(field::sec_websocket_extensions, deflate_answer);
    }));
  ws_.async_accept(req, [self = shared_from_this(),
                         done = std::move(done)](error_code ec) {
    if (!ec)
      self->on_open();
    done(ec);
  });
}

void ws_session::agree_on_deflate(const handshake_request& req) {
  std::string offers;
  auto [begin, end]
    = req.equal_range(boost::beast::http::field::sec_websocket_extensions);
  for (auto i = begin; i != end; ++i)
    offers += std::string{i->value()} + ",";
  if (!limits_->enable_compression || !offers_deflate(offers))
    return;
  stream_->expect_deflate();
  ws_.read_message_max(limits_->max_deflated_size());
  // Names of events cannot be read in compressed messages.
  deflates_ = limits_->queue.policy != overflow::conflate;
}

void ws_session::on_open() {
  stream_->expect_frames();
  ws_.control_callback(
    [this](websocket::frame_type kind, std::string_view payload) {
      on_control(kind, payload);
    });
  last_message_ = quiet_since_ = last_ping_ = home_.now();
  phase_ = phase::open;
  home_.add(*this);
}

void ws_session::start(std::shared_ptr<actors::inbox> inbox) {
  inbox_ = std::move(inbox);
  if (!inbox_)
    close(close_code::going_away, "");
  else if (phase_ == phase::open && credit_ > 0)
    read();
}

void ws_session::abort() {
  finish({close_code::abnormal, "", false, {}});
}

// -- transport ----------------------------------------------------------------

send_status ws_session::send(slice frames) {
  if (!home_.is_current()) {
    asio::post(home_.io(), [self = shared_from_this(),
                            frames = std::move(frames)]() mutable {
      self->send(std::move(frames));
    });
    return send_status::queued;
  }
  if (phase_ != phase::open || stream_->close_sent())
    return send_status::closed;
  if (deflates_ && frames.messages > 0)
    frames = deflate_cache::of_thread().deflate(std::move(frames),
                                                limits_->deflate, home_);
  if (!stream_->queued().has_room_for(frames, limits_->gathered))
    return send_much(std::move(frames));
  stream_->queue(std::move(frames));
  return send_status::queued;
}

void ws_session::grant(uint32_t frames) {
  if (!home_.is_current()) {
    asio::post(home_.io(),
               [self = shared_from_this(), frames] { self->grant(frames); });
    return;
  }
  credit_ += frames;
  if (inbox_ && phase_ == phase::open && !reading_ && credit_ > 0)
    read();
}

void ws_session::close(close_code code, std::string_view reason) {
  if (!home_.is_current()) {
    asio::post(home_.io(),
               [self = shared_from_this(), code, reason = std::string{reason}] {
                 self->close(code, reason);
               });
    return;
  }
  begin_close({code, std::string{cut_reason(reason)}, false, {}});
}

// -- reading ------------------------------------------------------------------

void ws_session::read() {
  assert(!reading_);
  reading_ = true;
  ws_.async_read_some(asio::buffer(buffer() + size_, capacity_ - size_),
                      [self = shared_from_this()](error_code ec, size_t size) {
                        self->on_read(ec, size);
                      });
}

void ws_session::on_read(error_code ec, size_t size) {
  reading_ = false;
  if (ec)
    return on_read_failure(ec);
  if (phase_ != phase::open)
    return; // Beast's closing reads on and forgets what it reads
  size_ += size;
  if (is_too_big())
    return begin_close(too_big());
  if (ws_.is_message_done())
    return on_message();
  if (size_ == capacity_)
    grow_buffer();
  read();
}

void ws_session::on_read_failure(error_code ec) {
  // When the end had begun, this is only the sign that it is reached.
  auto info = phase_ == phase::open ? to_close_info(ec) : std::move(end_);
  if (stream_->close_sent())
    linger(std::move(info));
  else
    finish(std::move(info));
}

/// Beast knows the limit, but not where compressed messages may be larger.
bool ws_session::is_too_big() const noexcept {
  auto* marks = stream_->marks();
  return size_ > limits_->max_message_size
         && (!marks || marks->front() == message_kind::plain);
}

void ws_session::on_message() {
  auto message = take_message();
  release_buffer();
  if (!message)
    return;
  --credit_;
  last_message_ = home_.now();
  inbox_->on_frame(std::move(*message));
  if (phase_ == phase::open && !reading_ && credit_ > 0)
    read();
}

/// @returns nothing if it is broken, which ends the connection.
std::optional<frame> ws_session::take_message() {
  std::string_view bytes{buffer(), size_};
  if (auto* marks = stream_->marks()) {
    auto kind = marks->front();
    marks->pop();
    if (kind != message_kind::plain)
      return inflate(bytes, kind == message_kind::deflated_text);
  }
  if (!ws_.got_text())
    return frame::binary(bytes);
  if (!ends_inside_character(bytes))
    return frame::text(bytes);
  // Beast 1.81 skips the last check when the last fragment is empty.
  begin_close(broken_text());
  return std::nullopt;
}

std::optional<frame> ws_session::inflate(std::string_view bytes, bool is_text) {
  std::optional<frame> result;
  auto& shared = inflater::of_thread();
  auto [how, message] = shared.inflate(bytes, limits_->max_message_size);
  if (how == inflater::outcome::too_big)
    begin_close(too_big());
  else if (how == inflater::outcome::broken)
    begin_close(broken("broken compressed data"));
  else if (is_text && !is_utf8(message))
    begin_close(broken_text());
  else
    result = is_text ? frame::text(message) : frame::binary(message);
  shared.release_memory();
  return result;
}

void ws_session::on_control(websocket::frame_type kind,
                            std::string_view payload) {
  if (phase_ != phase::open)
    return;
  if (kind == websocket::frame_type::close) {
    // Beast answers it and tears down; the reader is called after that.
    end_ = to_close_info(ws_.reason());
    end_began_ = home_.now();
    phase_ = phase::closing;
    return;
  }
  auto is_pong = kind == websocket::frame_type::pong;
  if (is_pong)
    last_message_ = home_.now();
  inbox_->on_control(is_pong, payload);
}

char* ws_session::buffer() noexcept {
  return spill_ ? spill_.get() : small_.data();
}

/// Not at once to the size that the peer announced: it need not send that much.
void ws_session::grow_buffer() {
  auto step = limits_->read_buffer_size;
  auto wanted = size_ + ws_.read_size_hint(step);
  auto capacity = std::min(wanted, std::max(size_ + step, 4 * capacity_));
  auto bigger = std::make_unique_for_overwrite<char[]>(capacity);
  std::memcpy(bigger.get(), buffer(), size_);
  spill_ = std::move(bigger);
  capacity_ = capacity;
}

void ws_session::release_buffer() {
  spill_.reset();
  capacity_ = small_.size();
  size_ = 0;
}

// -- slow receivers and the end -----------------------------------------------

/// More than should wait for the turn's end, or than may wait at all.
send_status ws_session::send_much(slice frames) {
  stream_->flush(); // much in one turn is no sign of a slow peer
  if (stream_->queued().has_room_for(frames, limits_->queue)) {
    stream_->queue(std::move(frames));
    return send_status::queued;
  }
  if (limits_->queue.policy == overflow::disconnect) {
    stream_->drop_queued();
    begin_close({close_code::try_again_later, "slow receiver", false,
                 make_error(errc::slow_receiver)});
    return send_status::full;
  }
  auto lost = stream_->queue(std::move(frames), limits_->queue);
  lost_.dropped += lost.dropped;
  lost_.conflated += lost.conflated;
  return send_status::full;
}

void ws_session::tell_losses() {
  auto lost = std::exchange(lost_, {});
  if (inbox_ && lost.dropped + lost.conflated > 0)
    inbox_->on_overflow(lost.dropped, lost.conflated);
}

void ws_session::begin_close(close_info info) {
  if (phase_ != phase::open || stream_->close_sent())
    return;
  phase_ = phase::closing;
  end_ = info;
  end_began_ = home_.now();
  ws_.async_close(to_close_reason(end_.code, end_.reason),
                  [self = shared_from_this()](error_code) {
                    self->linger(std::move(self->end_));
                  });
  if (info.cause && inbox_) // the answer of the peer will not change it
    tell_end(std::move(info));
}

/// Ends a connection whose close frames are sent.
void ws_session::linger(close_info info) {
  if (phase_ >= phase::lingering)
    return;
  phase_ = phase::lingering;
  end_began_ = home_.now();
  release_buffer();
  tell_end(std::move(info));
  stream_->linger([self = shared_from_this()] { self->finish({}); });
}

/// Cuts the connection.
void ws_session::finish(close_info info) {
  if (std::exchange(phase_, phase::ended) == phase::ended)
    return;
  unlink(); // no more ticks
  stream_->close();
  release_buffer();
  tell_end(std::move(info));
}

void ws_session::tell_end(close_info info) {
  if (std::exchange(end_told_, true))
    return;
  log(severity(info), remote_ + " closed with "
                        + std::to_string(static_cast<uint16_t>(info.code))
                        + (info.cause ? ": " + what(info.cause) : ""));
  tell_losses();
  if (auto inbox = std::exchange(inbox_, nullptr))
    inbox->on_close(std::move(info));
}

// -- time ---------------------------------------------------------------------

void ws_session::on_tick(time_point now) {
  auto self = shared_from_this(); // the end may release all other owners
  stream_->release_memory();
  stream_->note_progress();
  tell_losses();
  if (!stream_->queued().empty()
      && now - stream_->last_progress() > limits_->write_timeout)
    finish(phase_ == phase::open ? close_info{close_code::abnormal, "", false,
                                              make_error(errc::write_timeout)}
                                 : std::move(end_));
  else if (phase_ != phase::open)
    watch_closing(now);
  else if (reading_)
    watch_silence(now);
  else
    watch_rest(now);
}

void ws_session::watch_closing(time_point now) {
  if (now - end_began_ > limits_->close_timeout)
    finish(std::move(end_));
}

void ws_session::watch_silence(time_point now) {
  if (stream_->last_read() > quiet_since_) {
    quiet_since_ = stream_->last_read();
    pinged_ = false;
  }
  if (pinged_ && now - pinged_at_ > limits_->pong_timeout)
    return finish(
      {close_code::abnormal, "", false, make_error(errc::pong_timeout)});
  if (limits_->read_timeout.count() > 0
      && now - last_message_ > limits_->read_timeout)
    return begin_close({close_code::policy_violation, "no message in time",
                        false, make_error(errc::read_timeout)});
  if (now - std::max(quiet_since_, last_ping_) >= limits_->ping_period)
    ping(now);
}

/// The peer's frames wait in the kernel until there is credit again: its
/// silence says nothing about it.
void ws_session::watch_rest(time_point now) {
  quiet_since_ = last_message_ = now;
  pinged_ = false;
  if (stream_->failed())
    finish({close_code::abnormal, "", true, make_error(errc::connection_lost)});
}

void ws_session::ping(time_point now) {
  if (!std::exchange(pinged_, true))
    pinged_at_ = now;
  last_ping_ = now;
  stream_->queue({nullptr, wire_ping, 0});
}

} // namespace troupe::net
