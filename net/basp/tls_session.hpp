#pragma once

#include "net/basp/tls_context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct ssl_st; // OpenSSL's SSL

namespace troupe::net {

/// A TLS connection. Not thread-safe. SIGPIPE must be ignored.
class tls_session {
public:
  enum class side : uint8_t { client, server };

  /// Result of a non-blocking call.
  enum class outcome : uint8_t { done, again, failed };

  /// @param socket remains owned by the caller.
  /// @pre `context` is not null.
  tls_session(ssl_context context, int socket, side which);

  /// Continues the handshake. If the result is `again`, call again when the
  /// socket is readable; a handshake never fills the send buffer.
  outcome shake_hands();

  /// @param count set to the number of bytes read.
  outcome read(void* to, size_t size, size_t& count);

  /// @param count set to the number of bytes written. If the result is `again`,
  ///              the call must be repeated with the same bytes.
  outcome write(const void* from, size_t size, size_t& count);

  /// Returns the number of bytes that can be read without reading from the
  /// socket.
  size_t pending() const noexcept;

private:
  outcome judge(int result) const;

  ssl_context context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

using tls_session_ptr = std::unique_ptr<tls_session>;

} // namespace troupe::net
