#pragma once

#include "actors/link_messages.hpp"
#include "actors/parcel.hpp"
#include "troupe/config.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace troupe::actors {

struct link_limits {
  size_t max_queue_bytes = 32 * 1024 * 1024;

  /// drop_newest, or else drop_oldest.
  overflow on_overflow = overflow::drop_oldest;
};

/// What happened on the links to one node, all servers together. Outlives each
/// of them.
struct link_counters {
  std::atomic<uint64_t> queued_messages = 0; ///< Now.
  std::atomic<uint64_t> queued_bytes = 0;    ///< Now.
  std::atomic<uint64_t> sent = 0;            ///< Messages.
  std::atomic<uint64_t> received = 0;        ///< Messages.
  std::atomic<uint64_t> lost = 0;            ///< Messages.
  std::atomic<uint64_t> events_dropped = 0;
  std::atomic<uint64_t> questions_refused = 0;
};

/// What waits for another node. CAF has no bound on what it takes in for a
/// slow one, so this has: a window of what is under way, and behind it a queue
/// of so many bytes, with a policy.
class parcel_queue {
public:
  parcel_queue(link_limits limits, std::shared_ptr<link_counters> counters);

  /// What still waits or is under way is lost, or may be.
  ~parcel_queue();

  parcel_queue(const parcel_queue&) = delete;
  parcel_queue& operator=(const parcel_queue&) = delete;

  void add(const destination& to, uint64_t sender, const frame& message);

  /// The next parcel to send, as long as the window has room. A parcel that is
  /// not full yet goes only if nothing else is to come soon.
  std::optional<parcel> next(bool may_be_small);

  /// The parcels up to this one have arrived.
  void done(uint64_t number);

private:
  /// A parcel is sealed when it is this large: from here on the costs of CAF's
  /// messages are small beside those of its bytes.
  static constexpr size_t full_size = 64 * 1024;

  /// Bytes under way.
  static constexpr size_t window = 1024 * 1024;

  struct sealed {
    uint32_t count;
    std::string bytes;
  };

  struct under_way {
    uint64_t number;
    uint32_t count;
    size_t size;
  };

  void seal();
  void drop_oldest();
  void note_queued(int64_t messages, int64_t bytes);

  link_limits limits_;
  std::shared_ptr<link_counters> counters_;
  parcel_writer open_;
  std::deque<sealed> sealed_;
  std::deque<under_way> under_way_;
  size_t queued_bytes_ = 0;
  size_t bytes_under_way_ = 0;
  uint64_t last_number_ = 0;
};

} // namespace troupe::actors
