#pragma once

#include "commuters.hpp"
#include "histogram.hpp"
#include "ledger.hpp"
#include "measure.hpp"
#include "opening.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "schedule.hpp"
#include "visitors.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::bench {

/// Members and senders: the first `senders` members of each room send to all
/// members of that room, including themselves. An echo is a room with one
/// member.
struct crowd {
  std::size_t rooms = 1;
  std::size_t members = 1; ///< Per room.
  std::size_t senders = 1; ///< Per room.
  /// One more member, which does not read; needs a single room.
  bool has_idler = false;
  /// Number of clients that join and leave a single room.
  std::size_t visitors = 0;
  /// Number of members that leave and join a single room; not together with an
  /// idler.
  std::size_t commuters = 0;
};

/// Members that send and receive messages with full verification: content,
/// order per sender, exactly once per receiver.
class traffic {
public:
  /// Connects all members. `opts` must outlive this object.
  traffic(const options& opts, crowd who);

  /// Runs the workload. Throws `violation` if the server violates a guarantee.
  /// @param unit name of a received message in the report.
  [[nodiscard]] report run(std::string_view unit);

private:
  struct member {
    client socket;
    ledger seen;
    std::uint32_t sent = 0; ///< Number of sent messages.
  };

  /// Totals at one moment.
  struct tally {
    usage used;
    std::uint64_t delivered; ///< To members.
    std::uint64_t reads;
    double server_rss = 0;
    std::uint64_t to_others = 0; ///< To visitors and commuters.
    std::uint64_t visits = 0;
    std::uint64_t returns = 0;
  };

  [[nodiscard]] tally take_tally() const;
  void add_work(report& out, std::string_view unit, const tally& begin,
                const tally& end) const;
  void pump(double seconds, std::string_view phase);
  void drain();
  [[nodiscard]] std::uint64_t heard() const;
  [[nodiscard]] std::string missing();
  void begin_sending();
  void send_due(clock::time_point now);
  [[nodiscard]] clock::time_point next_due() const;
  void on_ready(std::uint32_t key, std::uint32_t events);
  void on_readable(member& to);
  void wake_idler(report& out);
  void note_latency(std::uint32_t sender, std::uint32_t seq);
  void add_latencies(report& out) const;
  void send_messages(member& from, std::size_t count);
  void make_listeners_read_at(int bytes);
  [[nodiscard]] member& sender(std::size_t index);
  [[nodiscard]] std::string first_missing() const;
  [[nodiscard]] std::vector<said> said_by_now() const;

  const options& opts_;
  crowd who_;
  message_format format_;
  frame_writer writer_;
  poller io_;
  std::vector<member> members_; ///< The idler, if any, is the last one.
  std::optional<commuters> commuters_;
  std::optional<visitors> visitors_;
  std::vector<char> buffer_;
  std::string payload_;
  std::string frames_;
  progress progress_;
  bool sending_ = false;
  std::uint64_t sent_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t reads_ = 0;

  // For open loops only.
  static constexpr auto never = std::numeric_limits<std::uint64_t>::max();
  std::optional<schedule> schedule_;
  clock::time_point read_at_;             ///< When the last read returned.
  std::uint64_t first_measured_ = never;  ///< Index among all messages.
  std::uint64_t behind_measured_ = never; ///< Index among all messages.
  histogram latencies_;
  histogram delays_; ///< Delays of sending in this program.
};

/// Each runs a workload of this type.
[[nodiscard]] report run_fanout(const options& opts);
[[nodiscard]] report run_rooms(const options& opts);
[[nodiscard]] report run_echo(const options& opts);
[[nodiscard]] report run_request(const options& opts);
[[nodiscard]] report run_slow(const options& opts);
[[nodiscard]] report run_churn(const options& opts);

} // namespace troupe::bench
