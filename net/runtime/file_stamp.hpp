#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace troupe::net {

/// Identifies the contents of a file without reading it; zeros if there is no
/// file.
struct file_stamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  int64_t modified = 0; ///< In nanoseconds.
  int64_t changed = 0;  ///< Change of the inode, in nanoseconds.

  static file_stamp of(const std::string& file);

  friend bool operator==(const file_stamp&, const file_stamp&) = default;
};

} // namespace troupe::net
