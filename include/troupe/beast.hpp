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

/// @file
///
/// Integration of troupe into programs that have an HTTP server of their own,
/// built on Boost.Beast (C19). This is the only header of troupe that includes
/// Beast; programs that include it must have the headers of Boost in their
/// include path.
namespace troupe {

namespace detail {

/// Releases the descriptor of `socket` from its `io_context`. Pending
/// operations are canceled.
/// @returns the descriptor, or -1 on failure.
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

/// Returns the request line and the header fields of `x`, as Beast has parsed
/// and normalized them, without the empty line that ends them.
template <class Fields>
std::string head_of(const boost::beast::http::header<true, Fields>& x) {
  std::ostringstream out;
  out << x;
  auto result = std::move(out).str();
  result.resize(result.size() - 2);
  return result;
}

} // namespace detail

// Documented at the declaration in server.hpp.
template <class Stream, class Request>
upgraded
server::upgrade(Stream stream, const Request& req, size_t bytes_beyond) {
  auto head = detail::head_of(req.base());
  return take_over(detail::release(stream), std::move(head), bytes_beyond);
}

template <class Stream, class Request>
caf::expected<caf::actor> server::upgrade(Stream stream, const Request& req,
                                          callback<troupe::connection&> setup,
                                          size_t bytes_beyond) {
  auto result = upgrade(std::move(stream), req, bytes_beyond);
  if (result.err())
    return result.err();
  result.set_up(std::move(setup));
  return result.handle();
}

} // namespace troupe
