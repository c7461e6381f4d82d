#pragma once

#include "net/http/endpoint.hpp"
#include "net/ws/ws_limits.hpp"
#include "troupe/listener.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// Fixed content, ready to send.
struct page {
  explicit page(const content& x);

  std::string_view bytes;
  std::shared_ptr<const void> owner; ///< Of `bytes`, if any.
  std::string etag;                  ///< With its quotes.
  std::string cache_fields;          ///< The header lines of 200 and 304.
  std::string body_fields;           ///< Further ones of 200.
};

/// Where a path leads: to a WebSocket endpoint, to a page, or to both, for
/// those who ask without Upgrade.
struct route {
  std::string pattern;
  std::shared_ptr<net::endpoint> endpoint;
  std::shared_ptr<const ws_limits> limits;
  std::optional<net::page> page;
  bool tells_health = false; ///< Fails when an endpoint is lost.
};

/// The paths of a listener. Immutable once it listens.
class routes {
public:
  routes();

  /// Routes handshakes for `pattern` to `x`.
  /// @returns none; errc::invalid_config if `pattern` is no pattern or leads to
  ///          an endpoint already.
  caf::error add(std::string pattern, std::shared_ptr<endpoint> x);

  /// Routes GET and HEAD requests for `pattern` to a page.
  /// @returns none; errc::invalid_config if `pattern` is no pattern or leads to
  ///          a page already.
  caf::error add(std::string pattern, const content& x);

  /// An exact path goes before patterns, a longer pattern before a shorter one.
  /// @returns null if no route takes `path`.
  const route* find(std::string_view path) const;

  /// Whether any endpoint is lost.
  bool is_any_lost() const;

private:
  route& at(std::string pattern);

  std::map<std::string, route, std::less<>> exact_;
  std::vector<route> patterns_; ///< The longest first.
};

/// Whether an If-None-Match field names `etag` (RFC 9110 section 13.1.2).
bool matches(std::string_view if_none_match, std::string_view etag);

} // namespace troupe::net
