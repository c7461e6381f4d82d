#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// The HTTP request that opened a connection (C32). Immutable once made, so
/// safe to read from any thread.
class request {
public:
  request() = default;

  /// @param head    request line and header fields as received, without the
  ///                empty line that ends them: kept in one block.
  /// @param pattern the route that took the request, e.g. `/rooms/*`.
  request(std::string head, std::string_view pattern,
          std::string remote_address, uint16_t remote_port);

  std::string_view method() const noexcept;

  /// As sent: path and query, percent-encoded.
  std::string_view target() const noexcept;

  /// The target without its query, percent-encoded.
  std::string_view path() const noexcept;

  /// What stands where the route's pattern ends in `*`, percent-decoded; empty
  /// for a route without one.
  const std::string& wildcard() const noexcept {
    return wildcard_;
  }

  /// The first value of query parameter `key`, decoded; empty if absent.
  std::string query(std::string_view key) const;

  /// The first field of this name, compared without case; empty if absent.
  std::string_view header(std::string_view name) const noexcept;

  /// The peer's numeric address, without port.
  const std::string& remote_address() const noexcept {
    return remote_address_;
  }

  uint16_t remote_port() const noexcept {
    return remote_port_;
  }

private:
  std::string head_;
  std::string wildcard_;
  std::string remote_address_;
  uint16_t remote_port_ = 0;
};

} // namespace troupe
