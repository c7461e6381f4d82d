#pragma once

#include "attendance.hpp"
#include "client.hpp"
#include "measure.hpp"
#include "message.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::bench {

/// Members of a room that repeatedly leave and join it, each at its own time,
/// while others send. They stay connected and send the words `leave` and
/// `join`, which the server returns when done. Verifies the messages that they
/// receive.
class commuters {
public:
  /// Returns the progress of each sender, in the order of their numbers.
  using talk = std::function<std::vector<said>()>;

  /// @param stay seconds in the room, and also between leaving and joining.
  commuters(const message_format& format, std::size_t senders, double stay,
            talk by_now);

  /// Adds a member before the senders begin. The keys of members must be
  /// consecutive.
  void add(client socket, poller& io);

  /// Starts their cycles at evenly distributed times.
  void begin();

  /// Must be called for each event with one of their keys.
  void on_ready(std::uint32_t key, std::uint32_t events, poller& io,
                std::span<char> buffer);

  /// Must be called periodically; makes members leave or join that are due.
  /// Throws `violation` if the server exceeds the time limit for a response.
  void on_time(clock::time_point now, poller& io);

  [[nodiscard]] std::size_t size() const {
    return all_.size();
  }

  /// Returns what is still missing after the senders have stopped; empty if
  /// nothing.
  [[nodiscard]] std::string missing();

  /// Returns the number of completed cycles.
  [[nodiscard]] std::uint64_t returns() const {
    return returns_;
  }

  /// Returns the number of received messages.
  [[nodiscard]] std::uint64_t delivered() const {
    return delivered_;
  }

private:
  enum class stage { inside, leaving, away, joining };

  struct commuter {
    client socket;
    attendance seen;
    stage where = stage::inside;
    /// Time of the next leave or join, or of a time-out.
    clock::time_point deadline = {};
  };

  void move(commuter& who, clock::time_point now, poller& io);
  void say(std::string_view word, commuter& who, poller& io);
  [[nodiscard]] bool take_answer(commuter& who, std::string_view& bytes,
                                 poller& io);
  void on_answer(commuter& who);
  [[nodiscard]] static std::string unanswered(const commuter& who);

  const message_format& format_;
  frame_writer writer_;
  std::size_t senders_;
  double stay_;
  talk by_now_;
  std::vector<commuter> all_;
  clock::time_point next_time_;
  std::uint64_t returns_ = 0;
  std::uint64_t delivered_ = 0;
};

} // namespace troupe::bench
