#pragma once

#include "troupe/batch.hpp"
#include "troupe/messages.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::actors {

/// Packs messages for another node into one string of bytes, which CAF copies
/// as a whole. A frame has the same format as on a socket, so unpacking copies
/// nothing.
///
///     wire-batch  = *(recipient / message)
///     recipient   = 1 kind length name      ; of the messages that follow
///     message     = 2 sender frame          ; RFC 6455, without mask
///
/// Numbers are little-endian. `kind` has one byte, `length` four and `sender`
/// eight. Only the kind of a `recipient`, which is not `any`, and its name are
/// transferred.
class wire_batch_writer {
public:
  void add(const recipient& to, uint64_t sender, const frame& message);

  size_t size() const noexcept {
    return bytes_.size();
  }

  /// Returns the number of messages.
  uint32_t count() const noexcept {
    return count_;
  }

  /// Returns the wire batch and begins a new one.
  std::string take();

private:
  std::string bytes_;
  recipient last_; ///< Valid if there is a message.
  uint32_t count_ = 0;
};

/// Calls `f` for each message of a wire batch, except for those whose text or
/// recipient is not UTF-8. The entries share `bytes`.
/// @returns false if the wire batch is malformed; `f` has been called for the
///          messages before the error.
bool read_wire_batch(
  const std::shared_ptr<const std::string>& bytes,
  const std::function<void(const recipient&, batch::entry)>& f);

} // namespace troupe::actors
