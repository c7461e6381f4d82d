#include "net/support/client_tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>

#include <fcntl.h>

namespace troupe::test {

namespace {

void require(int result) {
  if (result != 1)
    throw std::runtime_error("client_tls: invalid settings");
}

} // namespace

client_tls::client_tls(int socket, const settings& how)
  : context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free} {
  auto* ctx = context_.get();
  if (how.tolerates_truncation)
    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
  require(SSL_CTX_load_verify_locations(ctx, how.ca.c_str(), nullptr));
  if (how.max_version != 0)
    require(
      static_cast<int>(SSL_CTX_set_max_proto_version(ctx, how.max_version)));
  if (!how.certificate.empty()) {
    require(SSL_CTX_use_certificate_chain_file(ctx, how.certificate.c_str()));
    require(
      SSL_CTX_use_PrivateKey_file(ctx, how.key.c_str(), SSL_FILETYPE_PEM));
  }
  ssl_ = {SSL_new(ctx), SSL_free};
  require(SSL_set_fd(ssl_.get(), socket));
  require(SSL_set1_host(ssl_.get(), how.host.c_str()));
  const auto& sni = how.sni.empty() ? how.host : how.sni;
  require(static_cast<int>(SSL_set_tlsext_host_name(ssl_.get(), sni.c_str())));
  if (!how.protocols.empty())
    SSL_set_alpn_protos(
      ssl_.get(), reinterpret_cast<const unsigned char*>(how.protocols.data()),
      static_cast<unsigned>(how.protocols.size()));
  if (how.session)
    require(SSL_set_session(ssl_.get(), how.session.get()));
}

bool client_tls::shake_hands() {
  return SSL_connect(ssl_.get()) == 1;
}

ssize_t client_tls::receive(char* to, size_t size) {
  auto result = SSL_read(ssl_.get(), to, static_cast<int>(size));
  if (result > 0)
    return result;
  return SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

ssize_t client_tls::send(std::string_view bytes) {
  auto result = SSL_write(ssl_.get(), bytes.data(),
                          static_cast<int>(bytes.size()));
  return result > 0 ? result : -1;
}

bool client_tls::is_quiet() {
  auto socket = SSL_get_fd(ssl_.get());
  auto flags = ::fcntl(socket, F_GETFL);
  ::fcntl(socket, F_SETFL, flags | O_NONBLOCK);
  char ignored = 0;
  auto result = SSL_peek(ssl_.get(), &ignored, 1);
  ::fcntl(socket, F_SETFL, flags);
  return SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
}

void client_tls::update_keys() {
  require(SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_NOT_REQUESTED));
  require(SSL_do_handshake(ssl_.get()));
}

std::string client_tls::version() const {
  return SSL_get_version(ssl_.get());
}

std::string client_tls::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string client_tls::server_name() const {
  auto* certificate = SSL_get0_peer_certificate(ssl_.get());
  std::array<char, 256> result{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                            result.data(), static_cast<int>(result.size()));
  return result.data();
}

bool client_tls::was_resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

std::shared_ptr<ssl_session_st> client_tls::session() const {
  return {SSL_get1_session(ssl_.get()), SSL_SESSION_free};
}

} // namespace troupe::test
