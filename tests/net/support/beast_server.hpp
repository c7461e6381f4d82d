#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace troupe::test {

/// A WebSocket server of plain Boost.Beast: blocking, on the thread of the
/// test, which plays its part step by step.
class beast_server {
public:
  using tcp = boost::asio::ip::tcp;

  /// A connection to a client.
  class peer {
  public:
    /// Accepts the handshake that arrives at `socket`.
    peer(tcp::socket socket, std::string_view subprotocol)
      : ws_{std::move(socket)} {
      namespace http = boost::beast::http;
      boost::beast::flat_buffer buffer;
      http::read(ws_.next_layer(), buffer, request_);
      using boost::beast::websocket::response_type;
      ws_.set_option(boost::beast::websocket::stream_base::decorator(
        [subprotocol](response_type& x) {
          if (!subprotocol.empty())
            x.set(http::field::sec_websocket_protocol, subprotocol);
        }));
      ws_.accept(request_);
    }

    std::string target() const {
      return std::string{request_.target()};
    }

    std::string field(std::string_view name) const {
      return std::string{request_[name]};
    }

    /// Reads a message, and notes whether it is binary.
    std::string read() {
      boost::beast::flat_buffer buffer;
      ws_.read(buffer);
      is_binary = ws_.got_binary();
      return boost::beast::buffers_to_string(buffer.data());
    }

    /// Reads until the connection ends.
    /// @returns the code of the client's close frame; 0 if there was none.
    uint16_t read_close() {
      boost::beast::flat_buffer buffer;
      boost::system::error_code ec;
      while (!ec)
        ws_.read(buffer, ec);
      return ws_.reason().code;
    }

    void write(std::string_view text, bool binary = false) {
      ws_.binary(binary);
      ws_.write(boost::asio::buffer(text.data(), text.size()));
    }

    /// Performs the closing handshake.
    void close(uint16_t code, const char* reason = "") {
      boost::system::error_code ignored;
      ws_.close({static_cast<boost::beast::websocket::close_code>(code),
                 boost::beast::string_view{reason}},
                ignored);
    }

    /// Ends the connection without a closing handshake.
    void cut() {
      ws_.next_layer().close();
    }

    bool is_binary = false;

  private:
    boost::beast::http::request<boost::beast::http::string_body> request_;
    boost::beast::websocket::stream<tcp::socket> ws_;
  };

  std::string url(const std::string& target = "/") const {
    return "ws://127.0.0.1:" + std::to_string(door_.local_endpoint().port())
           + target;
  }

  /// Waits for the next client.
  /// @param subprotocol  is selected unless it is empty; must outlive the peer.
  peer accept(std::string_view subprotocol = "") {
    return {door_.accept(), subprotocol};
  }

private:
  boost::asio::io_context io_;
  tcp::acceptor door_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
};

} // namespace troupe::test
