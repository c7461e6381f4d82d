#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace troupe::bench {

/// Progress of one sender, in messages.
struct said {
  /// Received back by the sender, so processed by the server.
  std::uint32_t published;
  /// All; those above `published` may be published at any time.
  std::uint32_t sent;
};

/// Checks the messages received by a member that repeatedly leaves and joins a
/// room and stays connected. The server responds when it has processed a leave
/// or a join. Of each sender, the member must receive what was published
/// between the response to a join and the next leave, and nothing that was sent
/// after the response to a leave and published before the next join. Other
/// messages may arrive or not. All messages must arrive in order, once, and
/// without a gap between join and leave.
class attendance {
public:
  /// The receiver is in the room before the senders, numbered from 0, begin.
  attendance(std::uint32_t receiver, std::size_t senders);

  /// Records a received message. Throws `violation` if it was not expected.
  void enter(std::uint32_t sender, std::uint32_t seq);

  [[nodiscard]] std::uint32_t receiver() const {
    return receiver_;
  }

  /// Must be called right before a leave or join is sent, and when its response
  /// has arrived.
  void will_leave(std::span<const said> by_now);
  void has_left(std::span<const said> by_now);
  void will_join(std::span<const said> by_now);
  void has_joined(std::span<const said> by_now);

  /// Requires all remaining messages. Must be called in the room after the
  /// senders have stopped.
  void stays(std::span<const said> by_now);

  /// Returns which messages are still missing; empty if none.
  [[nodiscard]] std::string missing() const;

private:
  /// Greater than the number of any message.
  static constexpr std::uint32_t any = 0xffffffff;

  /// The messages of one sender during one stay in the room: consecutive from
  /// the first one on. `may_begin` is true from a join until the first message.
  struct run {
    std::uint32_t due = 0;   ///< The next message of the run.
    std::uint32_t end = any; ///< No message of the run is at or above this.
    std::uint32_t owed = 0;  ///< The run must contain all messages up to here.
    std::uint32_t earliest = 0; ///< Lowest first message of the next run.
    std::uint32_t latest = any; ///< Highest first message of the next run.
    bool may_begin = false;
  };

  [[nodiscard]] std::string fault_of(const run& x, std::uint32_t seq) const;
  [[nodiscard]] std::string name() const;
  static void owe(run& x, std::uint32_t published);

  std::uint32_t receiver_;
  std::vector<run> runs_;
  /// True from the response to a leave until the next join.
  bool is_away_ = false;
};

} // namespace troupe::bench
