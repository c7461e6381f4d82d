#pragma once

#include "troupe/cluster.hpp"

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>

struct ssl_ctx_st; // OpenSSL's SSL_CTX

namespace troupe::net {

using ssl_context = std::shared_ptr<ssl_ctx_st>;

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
  /// Identifies the contents of a file; zeros if there is no file.
  struct stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    int64_t modified = 0; ///< In nanoseconds.
    int64_t changed = 0;  ///< Change of the inode, in nanoseconds.

    friend bool operator==(const stamp&, const stamp&) = default;
  };

  using stamps = std::array<stamp, 3>;

  static stamp stamp_of(const std::string& file);
  stamps look() const;
  ssl_context read();
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
