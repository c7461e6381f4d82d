#pragma once

#include "net/runtime/file_stamp.hpp"
#include "net/runtime/openssl.hpp"
#include "troupe/cluster.hpp"

#include <array>
#include <string>

namespace troupe::net {

/// Context for mutual TLS, created from the files of `cluster.tls_*`. Reading
/// the files takes a millisecond or two, which is too expensive for each
/// incoming connection. Therefore they are read again only when they have
/// changed. Both sides need a certificate of the authority. Sessions are not
/// resumed, so each connection is verified.
class tls_context {
public:
  explicit tls_context(const cluster_config& cfg);

  /// Returns the context for new connections. Reads the files if they have
  /// changed. If they are unusable, logs that and keeps the previous context.
  /// @returns null if the files were never usable; see `problem`.
  ssl_context current();

  /// Returns why the files are unusable; empty if they are usable.
  const std::string& problem() const noexcept {
    return problem_;
  }

private:
  using stamps = std::array<file_stamp, 3>;

  stamps look() const;
  ssl_context read();
  /// @returns why the files are unusable; empty if they are usable.
  std::string fill(ssl_ctx_st* ctx) const;
  void replace();

  const std::string ca_;
  const std::string certificate_;
  const std::string key_;
  bool has_read_ = false;
  stamps read_; ///< State of the files when they were read.
  ssl_context context_;
  std::string problem_;
};

} // namespace troupe::net
