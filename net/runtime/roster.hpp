#pragma once

#include <caf/actor_profiler.hpp>
#include <caf/fwd.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::net {

/// Lists the live actors of a program, to name those that do not terminate. CAF
/// reports each spawned actor to its profiler; this class implements only that
/// part. Omits runtime actors and connections, whose names begin with
/// `troupe.`, and hidden actors, for which CAF does not wait. Thread-safe.
class roster final : public caf::actor_profiler {
public:
  roster();

  /// Returns the names of up to `most` actors, such as `actor 12, poller,
  /// detached; ... and 3 more`. Empty if there are none.
  std::string names(size_t most) const;

  size_t count() const;

  // -- actor_profiler ---------------------------------------------------------

  void add_actor(const caf::local_actor& self,
                 const caf::local_actor* parent) override;
  void remove_actor(const caf::local_actor&) override {
  }
  void before_processing(const caf::local_actor&,
                         const caf::mailbox_element&) override {
  }
  void after_processing(const caf::local_actor&,
                        caf::invoke_message_result) override {
  }
  void before_sending(const caf::local_actor&, caf::mailbox_element&) override {
  }
  void before_sending_scheduled(const caf::local_actor&,
                                caf::actor_clock::time_point,
                                caf::mailbox_element&) override {
  }

private:
  struct entry {
    caf::actor_id id = 0;
    std::string name;
    bool is_detached = false;
  };

  /// Shared with the functors that remove entries, which may outlive the
  /// roster.
  struct book {
    mutable std::mutex mutex;
    std::map<const caf::local_actor*, entry> entries;
  };

  std::shared_ptr<book> book_;
};

} // namespace troupe::net
