#pragma once

#include "troupe/server.hpp"
#include "troupe/upgraded.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/write.hpp>

#include <sstream>
#include <string>

/// For programs with an HTTP server of their own, made of Boost.Beast (C19):
/// the only header of troupe that shows Beast. Link Boost's headers yourself.
namespace troupe {

namespace detail {

/// Takes the descriptor from its io_context; what was pending on it is
/// cancelled.
template <class Executor>
int release(
  boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>& socket) {
  boost::system::error_code ec;
  auto result = socket.release(ec);
  return ec ? -1 : result;
}

template <class Executor, class RatePolicy>
int release(boost::beast::basic_stream<boost::asio::ip::tcp, Executor,
                                       RatePolicy>& stream) {
  auto socket = stream.release_socket(); // and its timers go
  return release(socket);
}

/// As it came, but for what a parser evens out; without the empty line.
template <class Fields>
std::string head_of(const boost::beast::http::header<true, Fields>& x) {
  std::ostringstream out;
  out << x;
  auto result = std::move(out).str();
  result.resize(result.size() - 2);
  return result;
}

} // namespace detail

/// @param stream a `tcp::socket` with any executor, or a `beast::tcp_stream`.
///               On the wire is plain TCP: put TLS in front of the program.
template <class Stream, class Request>
upgraded
server::upgrade(Stream stream, const Request& req, size_t bytes_beyond) {
  auto head = detail::head_of(req.base());
  return take_over(detail::release(stream), std::move(head), bytes_beyond);
}

} // namespace troupe
