#pragma once

#include "net/runtime/openssl.hpp"
#include "troupe/listener_config.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st; // OpenSSL's SSL

namespace troupe::net {

/// Encrypts session tickets: a name and two keys.
using ticket_keys = std::string;

/// OpenSSL's contexts for the certificates of a TLS port: one for each set of
/// host names. Immutable once all certificates are added.
class tls_contexts {
public:
  tls_contexts(tls_config cfg, ticket_keys tickets);

  /// Adds a certificate with its key.
  /// @returns why it is unusable; empty if it is usable.
  std::string add(const std::string& certificate, const std::string& key);

  /// Returns the context of the first certificate, which selects another one if
  /// the client names its host (SNI, RFC 6066 section 3).
  /// @pre `x` is not empty and complete.
  static ssl_context first_of(std::shared_ptr<const tls_contexts> x);

private:
  using names = std::vector<std::string>;

  struct entry {
    ssl_context context;
    names hosts; ///< The names in its certificates: in lower case and sorted.
    int key_type;
  };

  std::string apply_settings(ssl_ctx_st* ctx);
  bool set_tickets(ssl_ctx_st* ctx) const;
  std::string ask_for_certificates(ssl_ctx_st* ctx) const;
  ssl_ctx_st* find(std::string_view host) const;

  static int on_server_name(ssl_st* ssl, int*, void* self);

  const tls_config settings_;
  const ticket_keys tickets_;
  std::vector<entry> entries_;
  /// By host name, or `*.example.org` for all names with one more label.
  std::map<std::string, ssl_ctx_st*, std::less<>> by_name_;
};

/// Returns random keys.
ticket_keys make_ticket_keys();

} // namespace troupe::net
