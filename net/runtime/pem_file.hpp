#pragma once

#include <string>

struct ssl_ctx_st; // OpenSSL's SSL_CTX

/// Loads PEM files (RFC 7468) into a context of OpenSSL. Unlike its own
/// functions for that, these read regular files only, and never ask for a
/// password: either could block the thread for ever. Each returns why the file
/// is unusable, beginning with its name; empty if it is usable.
namespace troupe::net::pem_file {

/// Uses the first certificate in the file, and the others as its chain.
std::string use_certificate(ssl_ctx_st* ctx, const std::string& file);

/// Uses the private key in the file.
/// @pre The certificate, which it must belong to, is in use.
std::string use_private_key(ssl_ctx_st* ctx, const std::string& file);

/// Adds the certificates in the file to the authorities that are trusted.
std::string trust(ssl_ctx_st* ctx, const std::string& file);

/// Adds the certificates in the file to the authorities that are trusted, and
/// to those that clients are told.
std::string trust_for_clients(ssl_ctx_st* ctx, const std::string& file);

} // namespace troupe::net::pem_file
