#include "net/http/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <cstdint>

namespace troupe::net {

namespace http = boost::beast::http;

namespace {

/// Maximum number of empty lines before a request.
constexpr size_t most_empty_lines = 4;

} // namespace

std::string_view request_reader::first_line() const noexcept {
  auto end = bytes_.find("\r\n");
  return std::string_view{bytes_}.substr(0, end == bytes_.npos ? 0 : end);
}

error_code request_reader::parse() {
  if (!parser_ && !skip_empty_lines())
    return http::error::need_more;
  if (!parser_)
    begin();
  error_code ec;
  parsed_ += parser_->put(asio::buffer(bytes_) + parsed_, ec);
  if (ec == http::error::bad_version && lower_version(bytes_)) {
    begin();
    parsed_ = parser_->put(asio::buffer(bytes_), ec);
  }
  return ec;
}

/// @returns whether a request begins.
bool request_reader::skip_empty_lines() {
  constexpr std::string_view empty_line = "\r\n";
  for (; bytes_.starts_with(empty_line) && empty_lines_ < most_empty_lines;
       ++empty_lines_)
    bytes_.erase(0, empty_line.size());
  return !bytes_.empty() && bytes_ != "\r";
}

void request_reader::begin() {
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(max_head_));
  parser_->body_limit(boost::none); // checked separately
}

void request_reader::next() {
  bytes_.erase(0, parsed_);
  parsed_ = 0;
  empty_lines_ = 0;
  parser_.reset();
}

} // namespace troupe::net
