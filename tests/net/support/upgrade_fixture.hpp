#pragma once

#include "net/support/client.hpp"
#include "support/running.hpp"
#include "troupe/beast.hpp"
#include "troupe/troupe.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::test {

/// A foreign HTTP server: blocking, on the thread of the test.
struct upgrade_fixture {
  using tcp = boost::asio::ip::tcp;
  using request_type
    = boost::beast::http::request<boost::beast::http::string_body>;

  running runtime{2};
  config settings;
  std::optional<server> chat;
  boost::asio::io_context io;
  tcp::acceptor door{io, {boost::asio::ip::address_v4::loopback(), 0}};
  boost::beast::flat_buffer buffer;
  request_type req;

  server& open() {
    return chat.emplace(runtime.sys, settings);
  }

  uint16_t port() {
    return door.local_endpoint().port();
  }

  /// Reads the request of the next client.
  tcp::socket accept() {
    auto socket = door.accept();
    req = {};
    buffer.clear();
    boost::beast::http::read(socket, buffer, req);
    return socket;
  }

  /// Passes the request `bytes` to the server and returns the outcome.
  upgraded take(client& peer, std::string_view bytes) {
    peer.send(bytes);
    auto socket = accept();
    return chat->upgrade(std::move(socket), req, buffer.size());
  }

  /// Returns the response to a bad request, and checks that `err` matches it.
  std::string refused(std::string_view bytes) {
    client peer{port()};
    auto it = take(peer, bytes);
    auto answer = peer.read_all();
    CAF_CHECK(answer.find("Connection: close\r\n") != answer.npos);
    CAF_CHECK(it.err() == make_error(errc::handshake_refused));
    CAF_CHECK(what(it.err()).find(": " + status(answer) + " ")
              != std::string::npos);
    CAF_CHECK(!it.handle());
    return answer;
  }

  /// A valid handshake.
  const std::string good = handshake("/anywhere?x=1") + "\r\n";

  /// Returns a valid handshake in which `part` is replaced by `bad`.
  static std::string with(const std::string& part, const std::string& bad) {
    auto bytes = handshake("/anywhere") + "\r\n";
    auto pos = bytes.find(part);
    CAF_REQUIRE(pos != bytes.npos);
    return bytes.replace(pos, part.size(), bad);
  }
};

} // namespace troupe::test
