#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st; // OpenSSL's SSL_CTX

namespace troupe::net {

/// A context of OpenSSL, which TLS connections are created from. Connections
/// keep their context.
using ssl_context = std::shared_ptr<ssl_ctx_st>;

/// Returns the first error in OpenSSL's queue for this thread, which is the
/// cause of a failure.
std::string tls_complaint();

} // namespace troupe::net
