#pragma once

#include "endpoint.hpp"
#include "poller.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct ssl_st; // OpenSSL's SSL

namespace troupe::bench {

/// A connected, non-blocking socket, with TLS or without. Use on one thread
/// only.
///
/// TLS is version 1.3 with AES-128-GCM and X25519 for all servers, so that they
/// do the same work. The server's certificate is not verified, since it is one
/// made for the measurement.
class stream {
public:
  /// Minimum size of the buffer of `read`.
  static constexpr std::size_t least_buffer = 96 * 1024;

  /// With TLS, sends the first message of the handshake.
  stream(unique_fd fd, security how);

  [[nodiscard]] int fd() const {
    return fd_.get();
  }

  /// Continues the handshake of TLS; call when the socket is readable. Throws
  /// `violation` if the handshake fails, or if the server does not resume the
  /// session that it should.
  /// @returns whether data can be sent; true without TLS.
  [[nodiscard]] bool advance();

  /// Reads what is available.
  /// @param buffer at least `least_buffer`.
  /// @returns the number of bytes; 0 at the end of the connection, nothing if
  ///          no data is available.
  [[nodiscard]] std::optional<std::size_t> read(std::span<char> buffer);

  /// @returns how many bytes the socket has accepted. After less than all,
  ///          the next call must begin with the remaining ones.
  [[nodiscard]] std::size_t write(std::string_view bytes);

private:
  struct deleter {
    void operator()(ssl_st* x) const;
  };

  [[nodiscard]] std::optional<std::size_t> receive(std::span<char> buffer);
  [[nodiscard]] bool feed();
  [[nodiscard]] bool shake_hands();
  [[nodiscard]] std::size_t decrypt(std::span<char> buffer);
  [[nodiscard]] std::size_t encrypt(std::string_view bytes);

  unique_fd fd_;
  bool must_resume_;
  std::unique_ptr<ssl_st, deleter> tls_; ///< Null without TLS.
};

/// Returns the first message of a client's handshake.
[[nodiscard]] std::string make_client_hello();

} // namespace troupe::bench
