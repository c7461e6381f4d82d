#pragma once

#include "troupe/http_error.hpp"
#include "troupe/strict_numbers.hpp"

#include <nlohmann/json.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace troupe {

/// How a client has reached the server.
enum class url_scheme : uint8_t {
  unknown, ///< Without TLS, possibly through a proxy that uses TLS.
  http,
  https,
};

/// An HTTP request: the one that opened a connection (C32), or one for a
/// handler of `listener::get` or `listener::post`. Immutable; may be read on
/// any thread.
class request {
public:
  /// Creates an empty request.
  request() = default;

  /// Creates a request.
  /// @param head            the request line and the header fields as received,
  ///                        without the empty line that ends them.
  /// @param pattern         the matching route, such as `/rooms/*`.
  /// @param remote_address  the numeric address of the client.
  /// @param remote_port     the port of the client.
  /// @param scheme          how the client has reached the server.
  request(std::string head, std::string_view pattern,
          std::string remote_address, uint16_t remote_port,
          url_scheme scheme = url_scheme::unknown);

  /// Returns the method, such as `GET`.
  std::string_view method() const noexcept;

  /// Returns the request target as received, usually path and query,
  /// percent-encoded.
  std::string_view target() const noexcept;

  /// Returns the path of the target without its query, percent-encoded, in the
  /// form that routes are compared with (RFC 3986 section 6.2.2): characters
  /// that a path may contain are themselves, `%2F` stays as it is, all others
  /// are encoded with upper-case digits. `/%6Cogin` is `/login`.
  std::string_view path() const noexcept {
    return path_;
  }

  /// Returns the host that the client asks for, with the port if it names one:
  /// that of a target that is an absolute URL, otherwise the Host field (RFC
  /// 9112 section 3.2.2). Empty if there is neither, as in HTTP/1.0.
  std::string_view host() const noexcept;

  /// Returns the part of the path that the `*` of the route matches,
  /// percent-decoded; empty for a route without `*`.
  const std::string& wildcard() const noexcept {
    return wildcard_;
  }

  /// Returns the decoded value of the first query parameter `key`; empty if
  /// there is none.
  std::string query(std::string_view key) const;

  /// Returns the value of the first header field `name`; empty if there is
  /// none. Comparison of names is case-insensitive.
  std::string_view header(std::string_view name) const noexcept;

  /// Returns the value of the first cookie `name` (RFC 6265 section 4.2),
  /// without quotes; empty if there is none.
  std::string_view cookie(std::string_view name) const noexcept;

  /// Returns the bearer token (RFC 6750) that the client has sent: in the
  /// header `Authorization: Bearer TOKEN`, otherwise as the subprotocol
  /// `bearer.TOKEN`, which browsers can send and which the response does not
  /// repeat, otherwise as the query parameter `access_token`, which ends up in
  /// logs. Empty if there is none.
  std::string bearer_token() const;

  /// Returns the body of a request for `listener::post`, at most
  /// `listener_config::max_body_size` bytes; otherwise empty.
  const std::string& body() const noexcept {
    return body_;
  }

  /// Returns the body as JSON, or as a type with a `from_json` function.
  /// Numbers have to fit their types, as in handlers of events
  /// (troupe/handler.hpp). The same JSON is accepted as from clients of
  /// WebSockets: at most `max_json_depth` levels, no byte order mark and no
  /// NUL.
  ///
  /// Pages of other origins cannot send `application/json` unless `cors`
  /// permits it.
  /// @throws http_error  with status 415 if the Content-Type is not
  ///                     `application/json` or another type that ends in
  ///                     `+json`; with status 400 if the body is not JSON, or
  ///                     not a `T`.
  template <class T = nlohmann::json>
  T json() const {
    if constexpr (std::is_same_v<T, nlohmann::json>) {
      return parse_json();
    } else {
      auto document = parse_json();
      try {
        detail::strict_numbers strict;
        return document.template get<T>();
      } catch (const nlohmann::json::exception&) {
        throw http_error{400, "the body is not of the expected form\n"};
      }
    }
  }

  /// Returns who the client is: the value that `config::authorize` or
  /// `config::authenticate` accepted it with.
  /// @returns null if there is none, or if it has another type than `T`.
  template <class T>
  const T* principal() const noexcept {
    return std::any_cast<T>(principal_.get());
  }

  /// Returns the numeric address of the client, without port: that of the peer,
  /// or the one that a trusted proxy names (`listener_config::proxy_header`,
  /// `listener_config::proxy_protocol`).
  const std::string& remote_address() const noexcept {
    return remote_address_;
  }

  /// Returns the port of the client; 0 if a proxy does not name it.
  uint16_t remote_port() const noexcept {
    return remote_port_;
  }

  /// Returns `https` if the client uses TLS with this server; otherwise `https`
  /// or `http`, as a trusted proxy has it; empty if unknown.
  std::string_view scheme() const noexcept;

  /// Returns whether the client is known to use TLS.
  bool is_secure() const noexcept {
    return scheme_ == url_scheme::https;
  }

  /// Sets who the client is. For the runtime, and for tests.
  void set_principal(std::any x) {
    principal_ = std::make_shared<const std::any>(std::move(x));
  }

  /// Sets the body. For the runtime, and for tests.
  void set_body(std::string x) noexcept {
    body_ = std::move(x);
  }

private:
  nlohmann::json parse_json() const;

  std::string head_;
  size_t method_size_ = 0; ///< The target is behind the method and a space.
  size_t target_size_ = 0;
  std::string path_;
  std::string body_;
  std::string wildcard_;
  std::string remote_address_;
  uint16_t remote_port_ = 0;
  url_scheme scheme_ = url_scheme::unknown;
  std::shared_ptr<const std::any> principal_; ///< Null if there is none.
};

} // namespace troupe
