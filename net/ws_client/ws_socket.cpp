#include "net/ws_client/ws_socket.hpp"

#include "net/runtime/dialer.hpp"
#include "net/runtime/socket.hpp"
#include "troupe/version.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <string_view>
#include <type_traits>

namespace troupe::net {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
namespace ssl = asio::ssl;

using std::chrono::milliseconds;

/// Sent data that stays unacknowledged for longer breaks a connection.
constexpr auto tcp_patience = std::chrono::seconds{30};

/// Capacity of the input buffer that is kept between messages.
constexpr size_t max_idle_buffer = 65'536;

using settings_ptr = std::shared_ptr<const ws_socket_settings>;

std::string joined(const std::vector<std::string>& xs) {
  std::string result;
  for (const auto& x : xs) {
    result += result.empty() ? "" : ", ";
    result += x;
  }
  return result;
}

/// Returns the threads for the lookups of all clients.
const lookup_threads& shared_lookups() {
  constexpr size_t most = 16;
  constexpr size_t waiting = 100'000;
  static const lookup_threads result{most, waiting};
  return result;
}

/// Returns the close code that Beast has sent because of `ec`, and with which
/// the connection ends; 1006 if there was another cause.
close_code code_of(const error_code& ec) {
  if (ec == websocket::error::message_too_big
      || ec == websocket::error::buffer_overflow)
    return close_code::message_too_big;
  if (ec == websocket::error::bad_frame_payload)
    return close_code::invalid_payload;
  if (ec == websocket::condition::protocol_violation)
    return close_code::protocol_error;
  return close_code::abnormal;
}

/// @tparam Next  `tcp_socket`, or a stream of TLS on one.
template <class Next>
class ws_socket final : public actors::client_socket,
                        public std::enable_shared_from_this<ws_socket<Next>> {
public:
  /// @param xs  arguments for `Next`.
  template <class... Ts>
  ws_socket(asio::io_context& io, settings_ptr how, caf::actor reports_to,
            uint64_t number, Ts&&... xs)
    : how_{std::move(how)},
      reports_to_{std::move(reports_to)},
      number_{number},
      dialer_{io, tcp_patience, {}, how_->connect_timeout, shared_lookups()},
      ws_{std::forward<Ts>(xs)...} {
  }

  void dial() {
    dialer_.dial(how_->url.host, how_->url.port, {},
                 [weak = this->weak_from_this()](descriptor socket,
                                                 const std::string& why) {
                   if (auto self = weak.lock())
                     self->on_dialed(std::move(socket), why);
                 });
  }

  // -- client_socket ----------------------------------------------------------

  void read() override {
    ws_.async_read(buffer_, [self = self()](error_code ec, size_t) {
      self->on_read(ec);
    });
  }

  void write(frame message) override {
    message_ = std::move(message);
    auto payload = message_.payload();
    ws_.binary(message_.is_binary());
    ws_.async_write(asio::buffer(payload.data(), payload.size()),
                    [self = self()](error_code ec, size_t) {
                      if (ec)
                        self->on_failure(ec);
                      else
                        self->report(actors::client_socket_written{});
                    });
  }

  void close(close_code code, std::string_view reason) override {
    is_closing_ = true;
    websocket::close_reason why;
    if (code != close_code::no_status)
      why = websocket::close_reason{static_cast<websocket::close_code>(code),
                                    beast::string_view{reason.data(),
                                                       reason.size()}};
    ws_.async_close(why, [self = self()](error_code ec) {
      self->is_closing_ = false;
      // Beast may report an error after the handshake, such as TLS that the
      // server has not closed.
      const auto& answer = self->ws_.reason();
      if (!ec || answer.code != websocket::close_code::none)
        self->got_close_ = true;
      self->on_failure(ec);
    });
  }

  void drop() override {
    reports_to_ = nullptr;
    dialer_.close();
    close_and_forget(beast::get_lowest_layer(ws_));
  }

private:
  static constexpr auto has_tls = !std::is_same_v<Next, tcp_socket>;

  std::shared_ptr<ws_socket> self() {
    return this->shared_from_this();
  }

  // -- opening, in the order of the steps -------------------------------------

  void on_dialed(descriptor socket, const std::string& why) {
    if (!why.empty())
      return end({.reason = why});
    error_code ec;
    auto peer = remote_end(socket, ec);
    if (!ec)
      beast::get_lowest_layer(ws_).assign(peer.protocol(), socket.get(), ec);
    if (ec)
      return on_failure(ec);
    socket.release();
    if constexpr (has_tls)
      start_tls();
    else
      shake_hands();
  }

  void start_tls() {
    auto& tls = ws_.next_layer();
    const auto& host = how_->url.host;
    error_code ec;
    error_code is_name; // and not an address, which must not be in SNI
    asio::ip::make_address(host, is_name);
    if (is_name)
      SSL_set_tlsext_host_name(tls.native_handle(), host.c_str());
    tls.set_verify_mode(ssl::verify_peer, ec);
    tls.set_verify_callback(ssl::host_name_verification{host}, ec);
    tls.async_handshake(ssl::stream_base::client,
                        [self = self()](error_code failure) {
                          if (failure)
                            self->on_failure(failure);
                          else
                            self->shake_hands();
                        });
  }

  void shake_hands() {
    websocket::stream_base::timeout limits{
      how_->handshake_timeout, websocket::stream_base::none(), true};
    if (how_->idle_timeout > milliseconds{0})
      limits.idle_timeout = how_->idle_timeout;
    ws_.set_option(limits);
    ws_.set_option(websocket::stream_base::decorator(
      [how = how_](websocket::request_type& x) { complete(*how, x); }));
    ws_.read_message_max(how_->max_message_size);
    ws_.auto_fragment(false);
    ws_.control_callback(
      [this](websocket::frame_type kind, beast::string_view) {
        got_close_ = got_close_ || kind == websocket::frame_type::close;
      });
    ws_.async_handshake(response_, how_->url.authority, how_->url.target,
                        [self = self()](error_code ec) {
                          self->on_handshake(ec);
                        });
  }

  static void complete(const ws_socket_settings& how,
                       websocket::request_type& request) {
    request.set(http::field::user_agent, "troupe/" + std::string{version});
    for (const auto& [name, value] : how.headers)
      request.set(name, value);
    if (!how.subprotocols.empty())
      request.set(http::field::sec_websocket_protocol,
                  joined(how.subprotocols));
  }

  void on_handshake(error_code ec) {
    if (ec == websocket::error::upgrade_declined)
      return end({.reason = "the server responded with status "
                            + std::to_string(response_.result_int())});
    if (ec)
      return on_failure(ec);
    std::string chosen{response_[http::field::sec_websocket_protocol]};
    const auto& offered = how_->subprotocols;
    if (!chosen.empty()
        && std::find(offered.begin(), offered.end(), chosen) == offered.end())
      return end({.reason = "the server chose a subprotocol that was not "
                            "offered"});
    report(actors::client_socket_opened{.subprotocol = std::move(chosen)});
  }

  // -- what happens -----------------------------------------------------------

  void on_read(error_code ec) {
    if (ec)
      return on_failure(ec);
    auto data = buffer_.cdata();
    std::string_view payload{static_cast<const char*>(data.data()),
                             data.size()};
    auto message = ws_.got_text() ? frame::text(payload)
                                  : frame::binary(payload);
    buffer_.clear();
    if (buffer_.capacity() > max_idle_buffer)
      buffer_.shrink_to_fit();
    report(actors::client_socket_received{.message = std::move(message)});
  }

  /// Called with the result of an operation that has failed, or that was the
  /// last one. A closing handshake is reported by itself.
  void on_failure(error_code ec) {
    if (got_close_) {
      const auto& why = ws_.reason();
      auto code = why.code == websocket::close_code::none
                    ? close_code::no_status
                    : static_cast<close_code>(why.code);
      return end({.code = code,
                  .reason = {why.reason.data(), why.reason.size()},
                  .was_clean = true});
    }
    if (!is_closing_)
      end({.code = code_of(ec), .reason = ec.message()});
  }

  template <class T>
  void report(T what) {
    what.socket = number_;
    if (reports_to_)
      caf::anon_send(reports_to_, std::move(what));
  }

  void end(actors::client_socket_ended how) {
    report(std::move(how));
    drop();
  }

  const settings_ptr how_;
  caf::actor reports_to_; ///< Null when nothing more is to be reported.
  const uint64_t number_;
  dialer dialer_;
  websocket::stream<Next> ws_;
  websocket::response_type response_;
  beast::flat_buffer buffer_;
  frame message_;           ///< Is being written.
  bool is_closing_ = false; ///< The closing handshake is under way.
  bool got_close_ = false;  ///< A close frame has arrived.
};

template <class T, class... Ts>
std::shared_ptr<actors::client_socket>
dialed(asio::io_context& io, settings_ptr how, caf::actor reports_to,
       uint64_t number, Ts&&... xs) {
  auto result = std::make_shared<ws_socket<T>>(io, std::move(how),
                                               std::move(reports_to), number,
                                               io, std::forward<Ts>(xs)...);
  result->dial();
  return result;
}

} // namespace

std::shared_ptr<actors::client_socket>
connect_ws_socket(asio::io_context& io, settings_ptr how, caf::actor reports_to,
                  uint64_t number) {
  if (!how->tls)
    return dialed<tcp_socket>(io, std::move(how), std::move(reports_to),
                              number);
  // asio::ssl::context takes ownership of one reference.
  SSL_CTX_up_ref(how->tls.get());
  ssl::context context{how->tls.get()};
  return dialed<ssl::stream<tcp_socket>>(
    io, std::move(how), std::move(reports_to), number, context);
}

} // namespace troupe::net
