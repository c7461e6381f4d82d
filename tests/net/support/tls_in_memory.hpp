#pragma once

#include "net/http/tls_certificates.hpp"
#include "net/support/authority.hpp"

#include <caf/test/unit_test.hpp>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

/// @file
///
/// Support for tests of TLS without sockets.

namespace troupe::test {

/// Returns the settings of a server with the certificate for `name`.
inline net::ssl_context server_context(const authority& issuer,
                                       const std::string& name) {
  tls_config cfg;
  cfg.certificates = {issuer.certificate(name)};
  cfg.keys = {issuer.key(name)};
  net::tls_certificates certificates{cfg};
  CAF_REQUIRE(!certificates.read());
  return certificates.current();
}

/// A client without a socket.
class memory_client {
public:
  memory_client()
    : context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free},
      ssl_{SSL_new(context_.get()), SSL_free} {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
  }

  /// Continues the handshake.
  /// @returns what to send to the server.
  std::string shake_hands() {
    SSL_do_handshake(ssl_.get());
    return output();
  }

  void feed(std::string_view bytes) {
    BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(),
              static_cast<int>(bytes.size()));
  }

  std::string encrypt(std::string_view plain) {
    SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
    return output();
  }

  std::string decrypt(std::string_view bytes) {
    feed(bytes);
    std::string result(bytes.size(), '\0');
    auto size = SSL_read(ssl_.get(), result.data(),
                         static_cast<int>(result.size()));
    result.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return result;
  }

private:
  std::string output() {
    auto* bio = SSL_get_wbio(ssl_.get());
    std::string result(BIO_ctrl_pending(bio), '\0');
    BIO_read(bio, result.data(), static_cast<int>(result.size()));
    return result;
  }

  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> ssl_;
};

} // namespace troupe::test
