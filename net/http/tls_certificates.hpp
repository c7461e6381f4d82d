#pragma once

#include "net/http/tls_contexts.hpp"
#include "net/runtime/file_stamp.hpp"
#include "net/runtime/openssl.hpp"
#include "troupe/listener_config.hpp"

#include <caf/error.hpp>

#include <mutex>
#include <vector>

namespace troupe::net {

/// The certificates of a TLS port. Open connections keep the context that they
/// began with. Thread-safe.
class tls_certificates {
public:
  /// Does not read the files.
  explicit tls_certificates(tls_config cfg);

  /// Reads the files if any of them has changed since they were read, which
  /// takes some milliseconds.
  /// @returns none, or errc::invalid_config if they are unusable; the previous
  ///          context remains then.
  caf::error read();

  /// Returns the context for new connections.
  /// @pre `read` has succeeded once.
  ssl_context current() const;

private:
  using stamps = std::vector<file_stamp>;

  stamps look() const;
  caf::error read_all();

  const tls_config settings_;
  /// The same for all contexts, so that clients can resume their sessions after
  /// a change of the files; unused if clients have certificates.
  const ticket_keys tickets_;
  std::mutex reading_;
  stamps read_; ///< State of the files when read; guarded by `reading_`.
  mutable std::mutex mutex_;
  ssl_context context_; ///< Guarded by `mutex_`.
};

} // namespace troupe::net
