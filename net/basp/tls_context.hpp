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

/// What the connections of a node need for mutual TLS, made of the files of
/// `cluster.tls_*`. Reading these takes a millisecond or two, which is too much
/// for each stranger that connects: so they are read again only once they look
/// different. Both sides must have a certificate of the authority; sessions are
/// not resumed, so that each connection is verified.
class tls_context {
public:
  explicit tls_context(const cluster_config& cfg);

  /// Looks at the files. New ones that cannot be used are told to the log and
  /// leave the old ones in use.
  /// @returns null if there have never been any that can be used: see
  ///          `problem`.
  ssl_context current();

  /// Why the files cannot be used, in words; empty if they can.
  const std::string& problem() const noexcept {
    return problem_;
  }

private:
  /// What changes with a file's content; zeros if there is no file.
  struct stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    int64_t modified = 0; ///< In nanoseconds.
    int64_t changed = 0;  ///< The inode, in nanoseconds.

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
  stamps read_; ///< Of the files as they were then.
  ssl_context context_;
  std::string problem_;
};

} // namespace troupe::net
