#pragma once

#include "measure.hpp"
#include "options.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::bench {

/// Who is to receive what a member sends.
enum class audience {
  everybody, ///< Each member, the sender too: a room.
  sender,    ///< The sender alone: an echo.
};

/// Members that send and receive messages under full verification: content,
/// order per sender, exactly once per receiver.
class traffic {
public:
  /// Connects `members` members; the first `senders` of them will send.
  traffic(const options& opts, audience who, std::size_t members,
          std::size_t senders);

  /// Runs the workload; throws `violation` if the server broke a promise.
  [[nodiscard]] report run(std::string_view workload, std::string_view unit);

private:
  struct member {
    client socket;
    /// Next sequence number due from each sender this member listens to.
    std::vector<std::uint32_t> due;
    std::uint32_t first_sender; ///< The sender that `due[0]` is about.
    std::uint32_t sent = 0;     ///< Messages this member has sent.
  };

  void pump(double seconds);
  void drain();
  void on_ready(member& who, std::uint32_t events);
  void on_readable(member& to);
  [[nodiscard]] bool begins_message(std::string_view bytes) const;
  [[nodiscard]] std::size_t take_messages(member& to, std::string_view& bytes);
  [[nodiscard]] bool check(member& to, const char* payload);
  void send_messages(member& from, std::size_t count);
  [[nodiscard]] std::string first_missing() const;

  const options& opts_;
  message_format format_;
  frame_writer writer_;
  poller io_;
  std::vector<member> members_;
  std::vector<char> buffer_;
  std::string payload_;
  std::string frames_;
  std::size_t senders_;
  std::size_t receivers_per_message_;
  bool sending_ = true;
  std::uint64_t sent_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t reads_ = 0;
};

} // namespace troupe::bench
