#pragma once

#include "net/http/endpoint.hpp"
#include "net/ws/ws_limits.hpp"
#include "troupe/listener.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// Static content, prepared for sending.
struct page {
  explicit page(const content& x);

  std::string_view bytes;
  std::shared_ptr<const void> owner; ///< Owner of `bytes`, if any.
  std::string etag;                  ///< With quotes.
  std::string cache_fields;          ///< Header lines of 200 and 304.
  std::string body_fields;           ///< Further header lines of 200.
};

/// What a load balancer learns from a page besides its content.
enum class probe : uint8_t {
  none,
  health,    ///< 503 when an endpoint has failed.
  readiness, ///< 503 as well when no new clients shall come.
};

/// The target of a path: a WebSocket endpoint, a page, or both; a request
/// without Upgrade then gets the page.
struct route {
  std::string pattern;
  std::shared_ptr<net::endpoint> endpoint;
  std::shared_ptr<const ws_limits> limits;
  std::optional<net::page> page;
  http_handler handler; ///< Null if there is none.
  net::probe probe = net::probe::none;

  bool has_content() const noexcept {
    return page || handler;
  }
};

/// The paths of a listener. Immutable once the listener has started.
class routes {
public:
  routes();

  /// Routes handshakes for `pattern` to `x`.
  /// @returns none, or errc::invalid_config if `pattern` is invalid or already
  ///          leads to an endpoint.
  caf::error add(std::string pattern, std::shared_ptr<endpoint> x);

  /// Routes GET and HEAD requests for `pattern` to a page.
  /// @returns none, or errc::invalid_config if `pattern` is invalid or already
  ///          leads to a page.
  caf::error add(std::string pattern, const content& x);

  /// Routes GET and HEAD requests for `pattern` to a handler.
  /// @returns none, or errc::invalid_config if `pattern` is invalid or already
  ///          leads to a page or a handler.
  caf::error add(std::string pattern, http_handler f);

  /// Returns the route for `path`. An exact path takes precedence over
  /// patterns, a longer pattern over a shorter one.
  /// @returns null if there is no route.
  const route* find(std::string_view path) const;

  /// Returns whether any endpoint has failed.
  bool is_any_lost() const;

private:
  route& at(std::string pattern);

  std::map<std::string, route, std::less<>> exact_;
  std::vector<route> patterns_; ///< The longest first.
};

/// Returns whether an If-None-Match field contains `etag` (RFC 9110 section
/// 13.1.2).
bool matches(std::string_view if_none_match, std::string_view etag);

} // namespace troupe::net
