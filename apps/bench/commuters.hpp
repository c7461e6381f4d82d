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

/// Members of a room where others talk that leave it and join it again, each
/// in its own time, and stay connected: they send `leave` and `join`, and the
/// server sends the word back when it has done so. What they get is verified.
class commuters {
public:
  /// How far each sender is, from number 0 on.
  using talk = std::function<std::vector<said>()>;

  /// @param stay  seconds in the room, and the same out of it.
  commuters(const message_format& format, std::size_t senders, double stay,
            talk by_now);

  /// Adds a member of the room, before anybody talks. Their keys follow each
  /// other.
  void add(client socket, poller& io);

  /// Lets them begin to leave, one after the other.
  void begin();

  /// To be called for an event with one of their keys.
  void on_ready(std::uint32_t key, std::uint32_t events, poller& io,
                std::span<char> buffer);

  /// To be called every now and then: lets those move whose time has come.
  /// Throws `violation` if the server left one waiting.
  void on_time(clock::time_point now, poller& io);

  [[nodiscard]] std::size_t size() const {
    return all_.size();
  }

  /// What is still to come when the senders have stopped and nobody moves any
  /// more; empty if nothing.
  [[nodiscard]] std::string missing();

  /// How often one has left and joined again.
  [[nodiscard]] std::uint64_t returns() const {
    return returns_;
  }

  /// Messages that they have got.
  [[nodiscard]] std::uint64_t delivered() const {
    return delivered_;
  }

private:
  enum class stage { inside, leaving, away, joining };

  struct commuter {
    client socket;
    attendance seen;
    stage where = stage::inside;
    clock::time_point deadline = {}; ///< To move, or to be answered.
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
