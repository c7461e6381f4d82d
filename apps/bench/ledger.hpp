#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::bench {

/// Which of the messages sent to it a receiver must get. Those that it gets
/// come in the order of their sender and once, always.
enum class promise {
  all,       ///< From each sender's first: it was there before they began.
  from_join, ///< From some message of each sender on: it came later.
  some,      ///< Any may be missing: it does not read what it gets.
};

/// What one receiver has got from the senders it listens to; they have
/// consecutive numbers.
class ledger {
public:
  ledger(std::uint32_t receiver, std::uint32_t first_sender,
         std::size_t senders, promise kept);

  /// Enters one message; throws `violation` if it was not due.
  void enter(std::uint32_t sender, std::uint32_t seq) {
    auto slot = sender - first_sender_; // wraps around below the first
    if (slot < due_.size() && due_[slot] == seq)
      ++due_[slot];
    else
      enter_unexpected(sender, seq);
  }

  /// The sequence number after the last one from `sender`, who must be one of
  /// those listened to.
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
  /// No message has this number: that many are never sent.
  static constexpr std::uint32_t any = 0xffffffff;

  void enter_unexpected(std::uint32_t sender, std::uint32_t seq);

  std::uint32_t receiver_;
  std::uint32_t first_sender_;
  std::vector<std::uint32_t> due_;
  promise kept_;
};

} // namespace troupe::bench
