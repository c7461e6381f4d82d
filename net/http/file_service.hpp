#pragma once

#include "net/http/folder.hpp"
#include "net/http/http_reply.hpp"
#include "troupe/listener.hpp"

#include <caf/error.hpp>

#include <string>
#include <string_view>

namespace troupe::net {

/// Responds to GET and HEAD with the files of a folder: with validators (RFC
/// 9110 section 8.8), ranges (section 14) and files that were compressed in
/// advance. Opens and reads files on the calling thread. Thread-safe.
class file_service {
public:
  /// @pre `check(how)` has returned none.
  file_service(folder where, const file_options& how);

  /// Checks options.
  /// @returns none, or errc::invalid_config.
  static caf::error check(const file_options& how);

  /// @param path the part of the path of `req` that names the file,
  ///             percent-encoded.
  reply respond(const request& req, std::string_view path) const;

private:
  folder where_;
  std::string fields_; ///< Header lines of all responses with a file.
};

} // namespace troupe::net
