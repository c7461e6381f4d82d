#include "net/http/request_reader.hpp"

#include <boost/asio/buffer.hpp>

#include <cstdint>

namespace troupe::net {

std::string_view request_reader::first_line() const noexcept {
  auto end = bytes_.find("\r\n");
  return std::string_view{bytes_}.substr(0, end == bytes_.npos ? 0 : end);
}

error_code request_reader::parse() {
  if (!parser_)
    begin();
  error_code ec;
  parsed_ += parser_->put(asio::buffer(bytes_) + parsed_, ec);
  return ec;
}

void request_reader::begin() {
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(max_head_));
  parser_->body_limit(boost::none); // checked separately
}

void request_reader::next() {
  bytes_.erase(0, parsed_);
  parsed_ = 0;
  parser_.reset();
}

} // namespace troupe::net
