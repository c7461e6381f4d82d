#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace troupe::test {

/// A client's side of TLS on a blocking socket.
class client_tls {
public:
  struct settings {
    std::string ca;                 ///< PEM file; the server is verified.
    std::string host = "localhost"; ///< Sent as SNI and verified.
    std::string sni = {};           ///< If not empty, sent instead.
    std::string certificate = {};   ///< PEM files of a client with a
    std::string key = {};           ///< certificate; may be empty.
    std::string protocols = {};     ///< Offered by ALPN, in its format.
    int max_version = 0;            ///< 0: the highest.
    std::shared_ptr<ssl_session_st> session = nullptr; ///< To resume, if any.
    /// Whether the connection may end without close_notify.
    bool tolerates_truncation = false;
  };

  /// @param socket remains owned by the caller.
  client_tls(int socket, const settings& how);

  bool shake_hands();

  /// Returns the result of `::recv`, or -1 if TLS fails.
  ssize_t receive(char* to, size_t size);

  /// Returns the result of `::send`, or -1 if TLS fails.
  ssize_t send(std::string_view bytes);

  /// Returns whether there is nothing to receive, neither data nor an end.
  bool is_quiet();

  /// Changes the keys of this side, without a request to the server.
  void update_keys();

  /// Returns the version, such as `TLSv1.3`.
  std::string version() const;

  /// Returns the protocol that was agreed on by ALPN; may be empty.
  std::string protocol() const;

  /// Returns the common name in the server's certificate.
  std::string server_name() const;

  bool was_resumed() const;

  /// Returns the session. Call after something was read: a ticket arrives after
  /// the handshake.
  std::shared_ptr<ssl_session_st> session() const;

private:
  std::shared_ptr<ssl_ctx_st> context_;
  std::shared_ptr<ssl_st> ssl_;
};

} // namespace troupe::test
