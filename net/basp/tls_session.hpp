#pragma once

#include "net/basp/tls_context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct ssl_st; // OpenSSL's SSL

namespace troupe::net {

/// What OpenSSL complained of on this thread: the first error is the cause.
std::string tls_complaint();

/// One connection over TLS. For one thread at a time. SIGPIPE must be ignored.
class tls_session {
public:
  enum class side : uint8_t { client, server };

  /// What came of a call that does not block.
  enum class outcome : uint8_t { done, again, failed };

  /// @param socket  stays the caller's.
  /// @pre `context` is not null.
  tls_session(ssl_context context, int socket, side which);

  /// Goes on with the handshake. `again`: once there is more to read, since a
  /// handshake never fills a socket.
  outcome shake_hands();

  /// @param count  set to the number of bytes read.
  outcome read(void* to, size_t size, size_t& count);

  /// @param count  set to the number of bytes written. A call that ends with
  ///               `again` must be repeated with the same bytes.
  outcome write(const void* from, size_t size, size_t& count);

  /// How many bytes can be read without a look at the socket.
  size_t pending() const noexcept;

private:
  outcome judge(int result) const;

  ssl_context context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

using tls_session_ptr = std::unique_ptr<tls_session>;

} // namespace troupe::net
