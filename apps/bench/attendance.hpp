#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace troupe::bench {

/// How far one sender is, in messages.
struct said {
  std::uint32_t published; ///< Came back to it: the server has dealt with them.
  std::uint32_t sent;      ///< All; those above may be published at any time.
};

/// What one receiver has got that leaves a room and joins it again, and stays
/// connected. The server answers when it has dealt with a leave or a join. Of
/// each sender it must get what was published between the answer to a join and
/// the next leave, and nothing that was sent after the answer to a leave and
/// published before the next join. In between it may get a message or not; but
/// always in order, once, and without a gap from join to leave.
class attendance {
public:
  /// It is in the room before the senders, numbered from 0, begin.
  attendance(std::uint32_t receiver, std::size_t senders);

  /// Enters one message; throws `violation` if it was not due.
  void enter(std::uint32_t sender, std::uint32_t seq);

  [[nodiscard]] std::uint32_t receiver() const {
    return receiver_;
  }

  /// To be called right before it asks, and when it has its answer.
  void will_leave(std::span<const said> by_now);
  void has_left(std::span<const said> by_now);
  void will_join(std::span<const said> by_now);
  void has_joined(std::span<const said> by_now);

  /// It is in the room, and the senders have stopped: all is owed to it.
  void stays(std::span<const said> by_now);

  /// What it must still get; empty if nothing.
  [[nodiscard]] std::string missing() const;

private:
  /// No message has this number: that many are never sent.
  static constexpr std::uint32_t any = 0xffffffff;

  /// What it gets of one sender while it is in the room: all from some message
  /// on. `may_begin` as long as it has joined and that one has not come.
  struct run {
    std::uint32_t due = 0;      ///< The next message if the run goes on.
    std::uint32_t end = any;    ///< It never goes on from here.
    std::uint32_t owed = 0;     ///< It must go on up to here.
    std::uint32_t earliest = 0; ///< With which the next one may begin,
    std::uint32_t latest = any; ///< and with which it must.
    bool may_begin = false;
  };

  [[nodiscard]] std::string fault_of(const run& x, std::uint32_t seq) const;
  [[nodiscard]] std::string name() const;
  static void owe(run& x, std::uint32_t published);

  std::uint32_t receiver_;
  std::vector<run> runs_;
  bool is_away_ = false; ///< From the answer to a leave until the next join.
};

} // namespace troupe::bench
