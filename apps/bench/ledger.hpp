#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::bench {

/// Which messages a receiver must get. Messages that it gets must always be in
/// the order of their sender and arrive once.
enum class promise {
  all,       ///< All messages: it was there before the senders began.
  from_join, ///< All from some message of each sender on: it came later.
  some,      ///< Any may be missing: it does not read.
};

/// The messages that one receiver has got. Its senders have consecutive
/// numbers.
class ledger {
public:
  ledger(std::uint32_t receiver, std::uint32_t first_sender,
         std::size_t senders, promise kept);

  /// Records a received message. Throws `violation` if it was not expected.
  void enter(std::uint32_t sender, std::uint32_t seq) {
    auto slot = sender - first_sender_; // wraps around below the first sender
    if (slot < due_.size() && due_[slot] == seq)
      ++due_[slot];
    else
      enter_unexpected(sender, seq);
  }

  /// Returns the sequence number after the last message of `sender`.
  /// @pre `sender` is one of the receiver's senders.
  [[nodiscard]] std::uint32_t due(std::uint32_t sender) const {
    return due_[sender - first_sender_];
  }

  [[nodiscard]] std::uint32_t receiver() const {
    return receiver_;
  }

  [[nodiscard]] std::uint32_t first_sender() const {
    return first_sender_;
  }

  [[nodiscard]] std::size_t senders() const {
    return due_.size();
  }

private:
  /// Greater than the number of any message.
  static constexpr std::uint32_t any = 0xffffffff;

  void enter_unexpected(std::uint32_t sender, std::uint32_t seq);

  std::uint32_t receiver_;
  std::uint32_t first_sender_;
  std::vector<std::uint32_t> due_;
  promise kept_;
};

} // namespace troupe::bench
