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

/// Who sends to whom: the first `senders` members of each room send to all
/// members of that room, themselves included. An echo is a room of one.
struct crowd {
  std::size_t rooms = 1;
  std::size_t members = 1;  ///< In each room.
  std::size_t senders = 1;  ///< In each room.
  bool has_idler = false;   ///< One more, in the one room, reads nothing.
  std::size_t visitors = 0; ///< Others that come to the one room and go.
  /// Others in the one room that leave and join it; not beside an idler.
  std::size_t commuters = 0;
};

/// Members that send and receive messages under full verification: content,
/// order per sender, exactly once per receiver.
class traffic {
public:
  /// Connects all members. `opts` must outlive the traffic.
  traffic(const options& opts, crowd who);

  /// Runs the workload; throws `violation` if the server broke a promise.
  /// @param unit  what to call a message that has arrived.
  [[nodiscard]] report run(std::string_view unit);

private:
  struct member {
    client socket;
    ledger seen;
    std::uint32_t sent = 0; ///< Messages this member has sent.
  };

  /// What had been done by one moment.
  struct tally {
    usage used;
    std::uint64_t delivered; ///< To members.
    std::uint64_t reads;
    double server_rss = 0;
    std::uint64_t to_others = 0; ///< Visitors and commuters.
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
  std::vector<member> members_; ///< The idler, if there is one, comes last.
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

  // Of an open loop only.
  static constexpr auto never = std::numeric_limits<std::uint64_t>::max();
  std::optional<schedule> schedule_;
  clock::time_point read_at_;             ///< When the last read returned.
  std::uint64_t first_measured_ = never;  ///< Message, counted over all.
  std::uint64_t behind_measured_ = never; ///< The same.
  histogram latencies_;
  histogram delays_; ///< By which the load itself sent late.
};

/// Runs one of the workloads that are traffic.
[[nodiscard]] report run_fanout(const options& opts);
[[nodiscard]] report run_rooms(const options& opts);
[[nodiscard]] report run_echo(const options& opts);
[[nodiscard]] report run_slow(const options& opts);
[[nodiscard]] report run_churn(const options& opts);

} // namespace troupe::bench
