#pragma once

#include "net/http/endpoint.hpp"
#include "net/http/file_service.hpp"
#include "net/ws/ws_limits.hpp"
#include "troupe/listener.hpp"

#include <ostream> // missing in the next header (Boost 1.81)

#include <boost/beast/http/verb.hpp>

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
  std::string pattern = {};
  std::shared_ptr<net::endpoint> endpoint = {};
  std::shared_ptr<const ws_limits> limits = {};
  std::optional<net::page> page = {};
  std::optional<file_service> files = {};
  http_handler get = {};  ///< Null if there is none. Responds to HEAD as well.
  http_handler post = {}; ///< Null if there is none.
  std::optional<cors> get_cors = {}; ///< Of `files` and `get`.
  std::optional<cors> post_cors = {};
  net::probe probe = net::probe::none;

  /// Creates the actor of a client that has been upgraded.
  /// @returns the upper layer of `socket`; null if the endpoint does not accept
  ///          it, which then closes.
  std::shared_ptr<actors::upper_layer>
  attach(std::shared_ptr<actors::lower_layer> socket, request req,
         worker& event_loop) const;

  /// Returns whether GET and HEAD are allowed, besides handshakes.
  bool has_content() const noexcept {
    return page || files || get;
  }

  /// Returns whether this route, which may have an endpoint, responds to
  /// requests without Upgrade.
  bool responds_to(boost::beast::http::verb method) const noexcept {
    return has_content() || (post && method != boost::beast::http::verb::get);
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
  ///          leads to a page or a handler, or if `others` is invalid.
  caf::error add(std::string pattern, http_handler f,
                 std::optional<cors> others = {});

  /// Routes GET and HEAD requests for `pattern` to the files of a folder.
  /// @returns none, or errc::invalid_config if `pattern` is invalid, does not
  /// end
  ///          with a wildcard or already leads to content, or if `how` is
  ///          invalid or `folder` cannot be opened.
  caf::error add(std::string pattern, const std::string& folder,
                 const file_options& how);

  /// Routes POST requests for `pattern` to a handler.
  /// @returns none, or errc::invalid_config if `pattern` is invalid or already
  ///          leads to a handler for POST, or if `others` is invalid.
  caf::error add_post(std::string pattern, http_handler f,
                      std::optional<cors> others = {});

  /// Returns the route for `path`, as `request::path` returns it. An exact path
  /// takes precedence over patterns, a longer pattern over a shorter one.
  /// @returns null if there is no route.
  const route* find(std::string_view path) const;

  /// Returns whether any endpoint has failed.
  bool is_any_lost() const;

private:
  route& at(std::string pattern);

  /// By the path in the form of `base::normalize_path`.
  std::map<std::string, route, std::less<>> exact_;
  std::vector<route> patterns_; ///< In the same form; the longest first.
};

/// Returns the part of `path` that the `*` of a pattern matches.
/// @pre `pattern` ends with a wildcard and matches.
inline std::string_view below(std::string_view pattern, std::string_view path) {
  return path.substr(pattern.size() - 1);
}

/// Returns whether an If-None-Match field contains `etag` (RFC 9110 section
/// 13.1.2).
bool matches(std::string_view if_none_match, std::string_view etag);

} // namespace troupe::net
