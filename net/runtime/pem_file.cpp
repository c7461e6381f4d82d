#include "net/runtime/pem_file.hpp"

#include "base/regular_file.hpp"
#include "net/runtime/openssl.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <vector>

namespace troupe::net::pem_file {

namespace {

struct deleter {
  void operator()(BIO* x) const noexcept {
    BIO_free(x);
  }

  void operator()(EVP_PKEY* x) const noexcept {
    EVP_PKEY_free(x);
  }

  void operator()(X509* x) const noexcept {
    X509_free(x);
  }
};

using bio = std::unique_ptr<BIO, deleter>;
using key = std::unique_ptr<EVP_PKEY, deleter>;
using certificates = std::vector<std::unique_ptr<X509, deleter>>;

int no_password(char*, int, int, void*) {
  return -1;
}

/// @param f  passes the content of the file to OpenSSL, and returns whether it
///           is usable.
std::string load(const std::string& file, const std::function<bool(BIO*)>& f) {
  std::string why;
  auto text = base::read_regular_file(file, why);
  if (!text)
    return why;
  ERR_clear_error();
  bio content{BIO_new_mem_buf(text->data(), static_cast<int>(text->size()))};
  return content && f(content.get()) ? "" : file + ": " + tls_complaint();
}

/// @returns nothing if there is no certificate or one that is invalid.
certificates read_certificates(BIO* content) {
  certificates result;
  while (
    auto* x = PEM_read_bio_X509_AUX(content, nullptr, no_password, nullptr))
    result.emplace_back(x);
  auto last = ERR_peek_last_error();
  if (result.empty() || ERR_GET_LIB(last) != ERR_LIB_PEM
      || ERR_GET_REASON(last) != PEM_R_NO_START_LINE)
    return {};
  ERR_clear_error(); // It was the end of the file.
  return result;
}

bool use(SSL_CTX* ctx, const certificates& all) {
  if (all.empty() || SSL_CTX_use_certificate(ctx, all.front().get()) != 1
      || SSL_CTX_clear_chain_certs(ctx) != 1)
    return false;
  for (size_t i = 1; i < all.size(); ++i)
    if (SSL_CTX_add1_chain_cert(ctx, all[i].get()) != 1)
      return false;
  return true;
}

bool add_to_trusted(SSL_CTX* ctx, const certificates& all) {
  for (const auto& x : all)
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), x.get()) != 1)
      return false;
  return !all.empty();
}

bool tell(SSL_CTX* ctx, const certificates& all) {
  for (const auto& x : all)
    if (SSL_CTX_add_client_CA(ctx, x.get()) != 1)
      return false;
  return true;
}

} // namespace

std::string use_certificate(SSL_CTX* ctx, const std::string& file) {
  return load(file, [ctx](BIO* x) { return use(ctx, read_certificates(x)); });
}

std::string use_private_key(SSL_CTX* ctx, const std::string& file) {
  return load(file, [ctx](BIO* x) {
    key found{PEM_read_bio_PrivateKey(x, nullptr, no_password, nullptr)};
    return found && SSL_CTX_use_PrivateKey(ctx, found.get()) == 1;
  });
}

std::string trust(SSL_CTX* ctx, const std::string& file) {
  return load(file, [ctx](BIO* x) {
    return add_to_trusted(ctx, read_certificates(x));
  });
}

std::string trust_for_clients(SSL_CTX* ctx, const std::string& file) {
  return load(file, [ctx](BIO* x) {
    auto all = read_certificates(x);
    return add_to_trusted(ctx, all) && tell(ctx, all);
  });
}

} // namespace troupe::net::pem_file
