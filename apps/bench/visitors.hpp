#pragma once

#include "ledger.hpp"
#include "measure.hpp"
#include "opening.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace troupe::bench {

/// Connections that come to a room where others talk, and go again: one time
/// they say goodbye, the next time they vanish. What they get while there is
/// verified: from some message of each sender on, all, in order, once.
class visitors {
public:
  /// @param senders    talk in the room and have the numbers from 0 on.
  /// @param first_key  of `count` consecutive ones that are theirs.
  /// @param stay       seconds from a visitor's first message to its leave.
  visitors(const endpoint& where, const message_format& format,
           std::size_t senders, std::uint32_t first_key, std::size_t count,
           double stay);

  /// Lets all of them come.
  void begin(poller& io);

  /// To be called for an event with one of their keys.
  void on_ready(std::uint32_t key, std::uint32_t events, poller& io,
                std::span<char> buffer);

  /// To be called every now and then: lets those leave whose time is over, and
  /// the next come. Throws `violation` if the server left one waiting.
  void on_time(clock::time_point now, poller& io);

  /// Lets all vanish; none comes any more.
  void end();

  /// How many have come, heard others and left.
  [[nodiscard]] std::uint64_t visits() const {
    return visits_;
  }

  /// Messages that visitors have got.
  [[nodiscard]] std::uint64_t delivered() const {
    return delivered_;
  }

private:
  struct visitor {
    std::optional<handshake> coming;
    std::optional<client> socket;
    std::optional<ledger> seen;
    clock::time_point deadline; ///< To come, to leave, or to be let go.
    bool has_heard = false;
    bool says_goodbye = false;
    bool is_leaving = false;
  };

  void come(visitor& who, poller& io);
  void leave(visitor& who, poller& io);
  void hear(visitor& who, poller& io, std::span<char> buffer);
  [[nodiscard]] std::uint32_t key_of(const visitor& who) const;

  const endpoint& where_;
  const message_format& format_;
  std::size_t senders_;
  std::uint32_t first_key_;
  double stay_;
  std::vector<visitor> all_;
  clock::time_point next_time_;
  std::uint64_t visits_ = 0;
  std::uint64_t delivered_ = 0;
};

} // namespace troupe::bench
