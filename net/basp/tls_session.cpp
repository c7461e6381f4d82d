#include "net/basp/tls_session.hpp"

#include "net/runtime/socket.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

namespace troupe::net {

// Each call first clears OpenSSL's error queue. Otherwise an error of another
// connection would be taken for one of this connection.

tls_session::tls_session(ssl_context context, int socket, side which)
  : context_{std::move(context)},
    ssl_{SSL_new(context_.get()), SSL_free} {
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket) != 1)
    ssl_.reset();
  else if (which == side::client)
    SSL_set_connect_state(ssl_.get());
  else
    SSL_set_accept_state(ssl_.get());
}

tls_session::outcome tls_session::shake_hands() {
  ERR_clear_error();
  if (!ssl_)
    return outcome::failed;
  return judge(SSL_do_handshake(ssl_.get()));
}

tls_session::outcome tls_session::read(void* to, size_t size, size_t& count) {
  ERR_clear_error();
  count = 0;
  return judge(SSL_read_ex(ssl_.get(), to, size, &count));
}

tls_session::outcome tls_session::write(const void* from, size_t size,
                                        size_t& count) {
  ERR_clear_error();
  count = 0;
  return judge(SSL_write_ex(ssl_.get(), from, size, &count));
}

size_t tls_session::pending() const noexcept {
  return static_cast<size_t>(SSL_pending(ssl_.get()));
}

tls_session::outcome tls_session::judge(int result) const {
  if (result == 1)
    return outcome::done;
  auto why = SSL_get_error(ssl_.get(), result);
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE
           ? outcome::again
           : outcome::failed;
}

} // namespace troupe::net
