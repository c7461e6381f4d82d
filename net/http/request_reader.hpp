#pragma once

#include "net/http/http_checks.hpp"
#include "net/runtime/socket.hpp"

#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace troupe::net {

/// Finds requests in the bytes that a client has sent, one after the other.
/// Reads heads only; see `body_reader` for bodies.
class request_reader {
public:
  /// @param max_head  maximum size of a head in bytes.
  explicit request_reader(size_t max_head) : max_head_{max_head} {
  }

  // -- properties -------------------------------------------------------------

  /// Returns whether all bytes belong to requests that are done.
  bool empty() const noexcept {
    return bytes_.empty();
  }

  /// Returns whether there are bytes of the current request.
  bool has_begun() const noexcept {
    return parser_.has_value();
  }

  /// Returns whether there are bytes after the head of the current request.
  /// @pre the head is complete.
  bool has_more() const noexcept {
    return bytes_.size() > parsed_;
  }

  /// Returns the bytes after the head of the current request. Valid until a
  /// member is called that changes this object.
  /// @pre the head is complete.
  std::string_view rest() const noexcept {
    return std::string_view{bytes_}.substr(parsed_);
  }

  /// Returns the first line of the current request, without its end; empty
  /// while it is incomplete.
  std::string_view first_line() const noexcept;

  /// Returns the current request.
  /// @pre the head is complete, or parsing has failed.
  const http_request& get() const {
    return parser_->get();
  }

  /// Returns the head of the current request, without the empty line at its
  /// end.
  /// @pre the head is complete.
  std::string_view head() const noexcept {
    return std::string_view{bytes_}.substr(0, parsed_ - 2);
  }

  // -- reading ----------------------------------------------------------------

  /// Adds received bytes.
  void add(std::span<const char> bytes) {
    bytes_.append(bytes.data(), bytes.size());
  }

  /// Continues to read the current request, or begins the next one. Skips a few
  /// empty lines before it (RFC 9112 section 2.2).
  /// @returns none if its head is complete; http::error::need_more; or another
  ///          error of the parser.
  /// @pre not empty.
  error_code parse();

  /// Removes the first `size` bytes after the head: a part of the body.
  /// @pre the head is complete.
  void skip(size_t size) {
    bytes_.erase(parsed_, size);
  }

  /// Removes the current request.
  void next();

private:
  using parser
    = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  bool skip_empty_lines();
  void begin();

  const size_t max_head_;
  std::string bytes_;      ///< Everything that `next` has not removed.
  size_t parsed_ = 0;      ///< Size of the part that the parser has consumed.
  size_t empty_lines_ = 0; ///< Number of those before the current request.
  std::optional<parser> parser_; ///< Parser of the current request, if any.
};

} // namespace troupe::net
