#include "net/http/tls_contexts.hpp"

#include "base/ascii.hpp"
#include "net/runtime/pem_file.hpp"
#include "troupe/log.hpp"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::net {

namespace {

constexpr size_t ticket_keys_size = 80; // defined by OpenSSL

/// Longest accepted chain of a client's certificate.
constexpr int most_intermediates = 4;

/// The protocol that a TLS port speaks, in the form of ALPN (RFC 7301).
constexpr std::string_view protocol = "\x08http/1.1";

/// Refuses clients that offer only other protocols: they would not understand
/// the responses.
int on_alpn(SSL*, const unsigned char** out, unsigned char* out_size,
            const unsigned char* offers, unsigned int size, void*) {
  const auto* ours = reinterpret_cast<const unsigned char*>(protocol.data());
  auto found = SSL_select_next_proto(const_cast<unsigned char**>(out), out_size,
                                     ours, protocol.size(), offers, size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
                                         : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool set_algorithms(SSL_CTX* ctx, tls_version least) {
  auto version = least == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
  return SSL_CTX_set_min_proto_version(ctx, version) == 1
         && SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1
         && SSL_CTX_set_ciphersuites(ctx,
                                     "TLS_AES_128_GCM_SHA256:"
                                     "TLS_AES_256_GCM_SHA384:"
                                     "TLS_CHACHA20_POLY1305_SHA256")
              == 1
         && SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1;
}

bool is_world_readable(const std::string& file) {
  struct stat x {};
  return ::stat(file.c_str(), &x) == 0 && (x.st_mode & S_IROTH) != 0;
}

/// Returns the DNS names of a certificate in lower case, sorted.
std::vector<std::string> names_in(X509* certificate) {
  std::vector<std::string> result;
  auto* all = static_cast<GENERAL_NAMES*>(
    X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const auto* name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_DNS)
      continue;
    const auto* text = ASN1_STRING_get0_data(name->d.dNSName);
    result.push_back(base::to_lower(
      {reinterpret_cast<const char*>(text),
       static_cast<size_t>(ASN1_STRING_length(name->d.dNSName))}));
  }
  GENERAL_NAMES_free(all);
  std::ranges::sort(result);
  return result;
}

/// @returns why the files are unusable; empty if they are usable.
std::string load(SSL_CTX* ctx, const std::string& certificate,
                 const std::string& key) {
  if (is_world_readable(key))
    return key + ": a private key must not be readable by all users";
  if (auto why = pem_file::use_certificate(ctx, certificate); !why.empty())
    return why;
  if (auto why = pem_file::use_private_key(ctx, key); !why.empty())
    return why;
  return SSL_CTX_check_private_key(ctx) == 1 ? ""
                                             : key + ": " + tls_complaint();
}

void warn_if_expired(const std::string& file, X509* certificate) {
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    log(log_level::warning, {.category = "tls"},
        file + ": this certificate has expired");
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

tls_contexts::tls_contexts(tls_config cfg, ticket_keys tickets)
  : settings_{std::move(cfg)},
    tickets_{std::move(tickets)} {
}

// -- adding -------------------------------------------------------------------

std::string tls_contexts::add(const std::string& certificate,
                              const std::string& key) {
  ERR_clear_error();
  ssl_context fresh{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!fresh)
    return tls_complaint();
  if (auto why = apply_settings(fresh.get()); !why.empty())
    return why;
  if (auto why = load(fresh.get(), certificate, key); !why.empty())
    return why;
  auto* leaf = SSL_CTX_get0_certificate(fresh.get());
  warn_if_expired(certificate, leaf);
  auto hosts = names_in(leaf);
  auto type = EVP_PKEY_get_base_id(X509_get0_pubkey(leaf));
  auto same = std::ranges::find_if(entries_, [&](const entry& x) {
    return x.hosts == hosts && x.key_type != type;
  });
  if (same != entries_.end()) // OpenSSL selects one that the client supports.
    return load(same->context.get(), certificate, key);
  for (const auto& host : hosts)
    by_name_.emplace(host, fresh.get());
  entries_.push_back({std::move(fresh), std::move(hosts), type});
  return {};
}

/// Applies the same settings to each context: `SSL_set_SSL_CTX` replaces the
/// certificates of a connection, but not these.
std::string tls_contexts::apply_settings(SSL_CTX* ctx) {
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE
                             | SSL_OP_PRIORITIZE_CHACHA
                             | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(ctx, on_alpn, nullptr);
  SSL_CTX_set_tlsext_servername_callback(ctx, on_server_name);
  SSL_CTX_set_tlsext_servername_arg(ctx, this);
  if (!set_tickets(ctx) || !set_algorithms(ctx, settings_.min_version))
    return tls_complaint();
  return ask_for_certificates(ctx);
}

/// A resumed session would stand for a certificate that is not sent again, so
/// that neither its end nor other authorities would have an effect.
bool tls_contexts::set_tickets(SSL_CTX* ctx) const {
  if (settings_.client_auth != client_auth::none) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    return SSL_CTX_set_num_tickets(ctx, 0) == 1;
  }
  auto keys = tickets_; // not const in OpenSSL's interface
  return SSL_CTX_set_num_tickets(ctx, 1) == 1
         && SSL_CTX_set_tlsext_ticket_keys(ctx, keys.data(), keys.size()) == 1;
}

std::string tls_contexts::ask_for_certificates(SSL_CTX* ctx) const {
  if (settings_.client_auth == client_auth::none)
    return {};
  if (auto why = pem_file::trust_for_clients(ctx, settings_.client_ca);
      !why.empty())
    return why;
  SSL_CTX_set_verify(ctx,
                     settings_.client_auth == client_auth::require
                       ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                       : SSL_VERIFY_PEER,
                     nullptr);
  SSL_CTX_set_verify_depth(ctx, most_intermediates);
  return {};
}

// -- selecting ----------------------------------------------------------------

ssl_context tls_contexts::first_of(std::shared_ptr<const tls_contexts> x) {
  auto* first = x->entries_.front().context.get();
  return {std::move(x), first};
}

ssl_ctx_st* tls_contexts::find(std::string_view host) const {
  if (host.ends_with('.')) // not allowed there (RFC 6066), but the same host
    host.remove_suffix(1);
  auto name = base::to_lower(host);
  auto i = by_name_.find(name);
  if (auto dot = name.find('.'); i == by_name_.end() && dot != name.npos)
    i = by_name_.find('*' + name.substr(dot));
  return i == by_name_.end() ? nullptr : i->second;
}

int tls_contexts::on_server_name(SSL* ssl, int*, void* self) {
  const auto* host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (host != nullptr)
    if (auto* found = static_cast<tls_contexts*>(self)->find(host))
      SSL_set_SSL_CTX(ssl, found);
  return SSL_TLSEXT_ERR_OK;
}

ticket_keys make_ticket_keys() {
  ticket_keys result(ticket_keys_size, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(result.data()),
             static_cast<int>(result.size()));
  return result;
}

} // namespace troupe::net
