#pragma once

#include "net/runtime/socket.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace troupe::net {

/// The part of an open file that is still to be sent, in pieces. Neither the
/// whole file nor its pages are kept in memory.
class file_part {
public:
  file_part(descriptor file, uint64_t first, uint64_t size) noexcept
    : file_{std::move(file)},
      next_{first},
      left_{size} {
  }

  /// Returns the number of bytes not read yet.
  uint64_t left() const noexcept {
    return left_;
  }

  /// Reads the next piece, of at most 64 KiB. Blocks until the disk has
  /// delivered it.
  /// @returns the piece; empty if nothing is left, if reading fails, or if the
  ///          file has become shorter.
  std::string read();

private:
  descriptor file_;
  uint64_t next_;
  uint64_t left_;
};

} // namespace troupe::net
