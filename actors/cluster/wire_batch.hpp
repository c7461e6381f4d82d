#pragma once

#include "troupe/batch.hpp"
#include "troupe/messages.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::actors {

/// Packs messages for another node into one string of bytes, which CAF then
/// copies as a whole. A frame travels as it goes to a socket, so unpacking
/// copies nothing.
///
///     wire-batch  = *(recipient / message)
///     recipient   = 1 kind length name      ; of what follows
///     message     = 2 sender frame          ; RFC 6455, without mask
///
/// Numbers are little-endian, `sender` of eight bytes, `length` of four. Of a
/// `recipient` only its kind, which is not `any`, and its name cross.
class wire_batch_writer {
public:
  void add(const recipient& to, uint64_t sender, const frame& message);

  size_t size() const noexcept {
    return bytes_.size();
  }

  /// How many messages.
  uint32_t count() const noexcept {
    return count_;
  }

  /// What was added so far; begins anew.
  std::string take();

private:
  std::string bytes_;
  recipient last_; ///< Good if there is a message.
  uint32_t count_ = 0;
};

/// Calls `f` for each message of a wire batch, but for those whose text or name
/// is not UTF-8. The entries share `bytes`.
/// @returns false if it is none; what came before the fault was taken.
bool read_wire_batch(
  const std::shared_ptr<const std::string>& bytes,
  const std::function<void(const recipient&, batch::entry)>& f);

} // namespace troupe::actors
