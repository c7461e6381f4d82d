#include "net/ws_client/authorities.hpp"

#include "net/runtime/file_stamp.hpp"
#include "troupe/error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <mutex>

namespace troupe::net {

namespace {

/// A context that some client uses.
struct entry {
  file_stamp stamp; ///< Of the file when it was read.
  std::weak_ptr<ssl_ctx_st> context;
};

bool read_authorities(SSL_CTX* ctx, const std::string& file) {
  if (file.empty())
    return SSL_CTX_set_default_verify_paths(ctx) == 1;
  return SSL_CTX_load_verify_locations(ctx, file.c_str(), nullptr) == 1;
}

caf::expected<ssl_context> read(const std::string& file) {
  ERR_clear_error();
  ssl_context result{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  if (!result
      || SSL_CTX_set_min_proto_version(result.get(), TLS1_2_VERSION) != 1
      || !read_authorities(result.get(), file))
    return make_error(errc::invalid_config,
                      "ca_file: " + (file.empty() ? "" : file + ": ")
                        + tls_complaint());
  SSL_CTX_set_verify(result.get(), SSL_VERIFY_PEER, nullptr);
  return result;
}

} // namespace

caf::expected<ssl_context> client_tls_context(const std::string& file) {
  static std::mutex mutex;
  static std::map<std::string, entry> contexts;
  std::lock_guard guard{mutex};
  auto& known = contexts[file];
  auto stamp = file.empty() ? file_stamp{} : file_stamp::of(file);
  if (auto context = known.context.lock(); context && known.stamp == stamp)
    return context;
  auto result = read(file);
  if (result)
    known = {stamp, *result};
  return result;
}

} // namespace troupe::net
