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

/// Connections that come to a room, receive messages and leave, alternately
/// with and without a close frame. Verifies that they receive all messages of
/// each sender from some message on, in order and once.
class visitors {
public:
  /// @param senders number of senders in the room, numbered from 0.
  /// @param first_key first of `count` consecutive keys of the visitors.
  /// @param stay seconds from a visitor's first message to its end.
  visitors(const endpoint& where, const message_format& format,
           std::size_t senders, std::uint32_t first_key, std::size_t count,
           double stay);

  /// Connects all visitors.
  void begin(poller& io);

  /// Must be called for each event with one of their keys.
  void on_ready(std::uint32_t key, std::uint32_t events, poller& io,
                std::span<char> buffer);

  /// Must be called periodically; replaces visitors whose time is over by new
  /// ones. Throws `violation` if the server exceeds the time limit for a
  /// response.
  void on_time(clock::time_point now, poller& io);

  /// Closes all connections.
  void end();

  /// Returns the number of visitors that have received a message and left.
  [[nodiscard]] std::uint64_t visits() const {
    return visits_;
  }

  /// Returns the number of messages received by visitors.
  [[nodiscard]] std::uint64_t delivered() const {
    return delivered_;
  }

private:
  struct visitor {
    std::optional<handshake> coming;
    std::optional<client> socket;
    std::optional<ledger> seen;
    clock::time_point deadline; ///< Time of leaving, or of a time-out.
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
