#include "net/basp/tls_context.hpp"

#include "net/basp/tls_session.hpp"
#include "net/runtime/pem_file.hpp"
#include "troupe/log.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

namespace troupe::net {

namespace {

/// Requires a certificate of the peer, disables session resumption and
/// restricts versions and ciphers.
bool set_policy(SSL_CTX* ctx) {
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
  return SSL_CTX_set_num_tickets(ctx, 0) == 1
         && SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1
         && SSL_CTX_set_cipher_list(ctx, "HIGH:!aNULL:!MD5") == 1;
}

} // namespace

tls_context::tls_context(const cluster_config& cfg)
  : ca_{cfg.tls_ca},
    certificate_{cfg.tls_certificate},
    key_{cfg.tls_key} {
}

ssl_context tls_context::current() {
  // Before reading the files, so that a change in between is noticed next time.
  auto now = look();
  if (!std::exchange(has_read_, true) || now != read_) {
    read_ = now;
    replace();
  }
  return context_;
}

void tls_context::replace() {
  auto fresh = read();
  if (fresh && context_)
    log(log_level::info, {.category = "cluster-port"},
        "the TLS files have changed; new connections use them");
  else if (context_)
    log(log_level::warning, {.category = "cluster-port"},
        "cannot use the new TLS files: " + problem_
          + "; new connections use the old ones");
  if (fresh)
    context_ = std::move(fresh);
}

ssl_context tls_context::read() {
  ERR_clear_error();
  ssl_context ctx{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  problem_ = ctx ? fill(ctx.get()) : tls_complaint();
  return problem_.empty() ? ctx : nullptr;
}

std::string tls_context::fill(SSL_CTX* ctx) const {
  if (!set_policy(ctx))
    return tls_complaint();
  if (auto why = pem_file::use_certificate(ctx, certificate_); !why.empty())
    return why;
  if (auto why = pem_file::use_private_key(ctx, key_); !why.empty())
    return why;
  return pem_file::trust(ctx, ca_);
}

tls_context::stamps tls_context::look() const {
  return {file_stamp::of(ca_), file_stamp::of(certificate_),
          file_stamp::of(key_)};
}

} // namespace troupe::net
