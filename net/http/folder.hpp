#pragma once

#include "net/runtime/socket.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::net {

/// A file of a folder, or a folder below it.
struct found_file {
  descriptor file;         ///< Open for reading.
  uint64_t size = 0;       ///< In bytes, when it was opened.
  std::timespec changed{}; ///< When its content was last changed.
  bool is_folder = false;
};

/// A folder whose files are for everyone. Its path is resolved for each file,
/// so that the folder may be replaced. Thread-safe.
class folder {
public:
  /// @returns the folder, or errc::invalid_config if it cannot be opened.
  static caf::expected<folder> at(const std::string& path);

  /// Opens a file or a folder below. Symbolic links are followed as long as
  /// they do not lead out of this folder.
  /// @param path relative to this folder.
  /// @param ec   set if nothing is found or can be opened, or if it is neither
  ///             a file nor a folder.
  found_file open(const std::string& path, error_code& ec) const;

private:
  explicit folder(std::string path) : path_{std::move(path)} {
  }

  std::string path_; ///< Absolute.
};

/// Returns the path of a file as named by a part of a URL: decoded and
/// relative. A '/' at its end is kept.
/// @returns nothing if an element is empty, begins with a dot or contains an
///          encoded '/', a NUL or another control character.
std::optional<std::string> decode_path(std::string_view encoded);

} // namespace troupe::net
