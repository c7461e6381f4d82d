#pragma once

#include "actors/transport.hpp"
#include "net/coalescing_stream.hpp"
#include "net/ws_limits.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::net {

/// One WebSocket connection: reads messages into an inbox while it has credit,
/// sends frames, keeps the time. Everything but `transport` is for its worker's
/// thread.
///
/// Life: `accept` shakes hands; `start` connects it to its actor; it ends by
/// `close`, by the peer or by a time-out. It tells its inbox once: an end that
/// is an error at once, another after the closing handshake.
class ws_session final : public actors::transport,
                         public ticking,
                         public std::enable_shared_from_this<ws_session> {
public:
  using handshake_request
    = boost::beast::http::request<boost::beast::http::empty_body>;

  ws_session(tcp_socket socket, worker& home,
             std::shared_ptr<const ws_limits> limits, std::string remote,
             std::string subprotocol);

  ~ws_session() override;

  /// Answers a request that was checked with 101. Calls `done` when the session
  /// is open, or with what failed.
  void accept(const handshake_request& req,
              std::function<void(error_code)> done);

  /// Lets messages flow to `inbox`. Null: nobody wants them, the session goes.
  void start(std::shared_ptr<actors::inbox> inbox);

  /// Cuts a session that was not started.
  void abort();

  // -- transport --------------------------------------------------------------

  actors::send_status send(slice frames) override;
  void grant(uint32_t frames) override;
  void close(close_code code, std::string_view reason) override;

  const std::string& subprotocol() const noexcept override {
    return subprotocol_;
  }

  // -- ticking ----------------------------------------------------------------

  void on_tick(time_point now) override;

private:
  enum class phase : uint8_t {
    handshake,
    open,
    closing,   ///< One close frame is out or on its way out.
    lingering, ///< Awaits the end of the peer's TCP.
    ended,
  };

  void agree_on_deflate(const handshake_request& req);
  void on_open();

  // -- reading ----------------------------------------------------------------

  void read();
  void on_read(error_code ec, size_t size);
  void on_read_failure(error_code ec);
  void on_message();
  bool is_too_big() const noexcept;
  std::optional<frame> take_message();
  std::optional<frame> inflate(std::string_view bytes, bool is_text);
  void on_control(boost::beast::websocket::frame_type kind,
                  std::string_view payload);
  char* buffer() noexcept;
  void grow_buffer();
  void release_buffer();

  // -- slow receivers and the end -----------------------------------------------

  actors::send_status send_much(slice frames);
  void tell_losses();
  void begin_close(close_info info);
  void linger(close_info info);
  void finish(close_info info);
  void tell_end(close_info info);

  // -- time -------------------------------------------------------------------

  void watch_closing(time_point now);
  void watch_silence(time_point now);
  void watch_rest(time_point now);
  void ping(time_point now);

  // -- member variables -------------------------------------------------------

  worker& home_;
  std::shared_ptr<const ws_limits> limits_;
  std::shared_ptr<coalescing_stream> stream_;
  boost::beast::websocket::stream<coalescing_stream&, false> ws_;
  std::shared_ptr<actors::inbox> inbox_;
  std::string remote_; ///< The peer's address, for the log.
  std::string subprotocol_;

  phase phase_ = phase::handshake;
  bool deflates_ = false; ///< What goes out.
  bool reading_ = false;
  bool pinged_ = false; ///< A ping is out and nothing came since.
  uint32_t credit_ = 0;

  losses lost_; ///< Not yet told.

  /// What `on_close` will say, once the end has begun.
  close_info end_;
  time_point end_began_;
  bool end_told_ = false;

  time_point last_message_; ///< Or pong.
  time_point quiet_since_;
  time_point last_ping_;
  time_point pinged_at_;

  /// A message that is not yet whole: most fit in, the others spill over.
  std::array<char, 256> small_;
  std::unique_ptr<char[]> spill_;
  size_t capacity_ = std::tuple_size_v<decltype(small_)>;
  size_t size_ = 0;
};

} // namespace troupe::net
