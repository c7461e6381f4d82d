#pragma once

#include "actors/seams/socket_layers.hpp"
#include "base/close_frame.hpp"
#include "net/io/session.hpp"
#include "net/runtime/access_record.hpp"
#include "net/wire/frame_reader.hpp"
#include "net/ws/expiry.hpp"
#include "net/ws/idle_timers.hpp"
#include "net/ws/inbound_rates.hpp"
#include "net/ws/signs_of_life.hpp"
#include "net/ws/ws_limits.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::net {

/// A WebSocket connection: passes messages to its upper layer while it has
/// credit, sends frames and applies the time-outs. Members other than those of
/// `lower_layer` are for its worker's thread.
///
/// Life cycle: `open` sends the response to the handshake, `start` connects the
/// session to its actor. The session ends by `close`, by the peer or by a
/// time-out. It reports the end to its upper layer once: errors at once,
/// otherwise after the closing handshake.
class ws_session final : public actors::lower_layer,
                         public session,
                         public std::enable_shared_from_this<ws_session> {
public:
  /// @param connection its socket is connected.
  ws_session(transport connection, worker& event_loop,
             std::shared_ptr<const ws_limits> limits, std::string remote,
             std::string subprotocol);

  ~ws_session() override;

  /// Writes a line to the access log at the end.
  void record(access_record line) {
    access_line_ = std::make_unique<access_record>(std::move(line));
  }

  /// Sends the response to the handshake.
  /// @param reply complete response to the client's request.
  /// @param window_bits size of the server's window for compression as a power
  ///                    of two, 9 to 15; 0 if no compression was agreed on.
  void open(std::string reply, int window_bits);

  /// Starts passing messages to `upper_layer`. If it is null, closes the
  /// session.
  void start(std::shared_ptr<actors::upper_layer> upper_layer);

  // -- lower_layer ------------------------------------------------------------

  actors::send_status send(slice frames) override;
  void grant(uint32_t frames) override;
  void close(close_code code, std::string_view reason) override;

  void expire_at(expiry::system_time end) override {
    expiry_ = expiry::make(*this, end, loop_);
  }

  expiry::system_time expires_at() const noexcept override {
    return expiry_ ? expiry_->end() : expiry::system_time::max();
  }

  const std::string& subprotocol() const noexcept override {
    return subprotocol_;
  }

  actors::socket_state state() const noexcept override {
    const auto& x = stream_.amount();
    return {opened_,     stream_.unsent(), stream_.congested(), x.bytes_in,
            x.bytes_out, x.messages_in,    x.messages_out};
  }

  // -- session ----------------------------------------------------------------

  void on_ready(uint32_t events) override;
  void on_tick(time_point now) override;
  void on_worker_end() override;

private:
  enum class phase : uint8_t {
    handshake,
    open,
    closing,   ///< Our close frame is queued or sent.
    lingering, ///< Both close frames are; waits for the peer's FIN.
    ended,
  };

  // -- reading ----------------------------------------------------------------

  bool wants_input() const noexcept;

  /// Returns whether the peer sends without reading the answers that are never
  /// dropped: pongs, and those of version 2.
  /// Short answers take more memory than their bytes, so their number counts,
  /// too.
  bool leaves_answers() const noexcept {
    return (awaiting_pong_read_ && stream_.congested())
           || (life_
               && (stream_.unsent() > limits_->queue.bytes
                   || stream_.queued().parts() > limits_->queue.messages));
  }

  void read();
  void read_soon();
  void read_rest();
  void read_socket();
  void read_frames(std::span<char>& input);
  void on_found(frame_reader::found what);
  void on_message(frame_reader::found what);
  void on_control(bool is_pong);
  bool count_control(uint32_t frames);
  void count_empty_fragments();
  void on_close_frame();
  void on_lost(error_code why);
  void release_input();

  // -- slow receivers and closing ---------------------------------------------

  actors::send_status send_over_limit(slice frames);
  void give_up_output();
  void tell_losses();
  void begin_close(close_info info);
  void fail(close_info info);
  void queue_close(const close_info& how);
  void linger(close_info info);
  void linger_on();
  void finish(close_info info);
  void write_access_line();
  void tell_end(close_info info);

  // -- time -------------------------------------------------------------------

  void watch_closing(time_point now);
  void watch_client(time_point now);
  void watch_silence(time_point now);
  void watch_life(time_point now);

  // -- member variables -------------------------------------------------------

  std::shared_ptr<const ws_limits> limits_;
  frame_reader reader_;
  std::shared_ptr<actors::upper_layer> upper_layer_;
  std::string remote_; ///< The peer's address, for the log.
  std::string subprotocol_;

  phase phase_ = phase::handshake;
  bool closes_at_once_ = false; ///< `close` was called before `open`.
  /// Argument of `open`; 0 if outgoing messages are not compressed.
  uint8_t window_bits_ = 0;
  bool is_reading_ = false;         ///< `read` is on the stack.
  bool awaiting_pong_read_ = false; ///< The last control frame was a ping; the
                                    ///< peer may not read the pong.
  bool end_told_ = false;
  uint32_t credit_ = 0;
  inbound_rates rates_;

  /// Input that was read from the socket but not consumed yet.
  std::unique_ptr<char[]> rest_;
  std::span<char> rest_bytes_;

  std::unique_ptr<access_record> access_line_; ///< Null if none is written.

  losses lost_; ///< Not reported to the upper layer yet.

  /// Argument of `on_close`, set when the closing handshake begins.
  close_info end_;
  time_point end_began_;

  idle_timers idle_;
  std::unique_ptr<expiry> expiry_;      ///< Null if there is no end.
  std::unique_ptr<signs_of_life> life_; ///< Null unless version 2 is spoken.
  time_point opened_;
};

} // namespace troupe::net
