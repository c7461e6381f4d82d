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

/// The actors of a program that live, to name those that outlive it. CAF tells
/// a profiler of each that is spawned; this is all that we want of it. Runtime
/// actors and connections, whose names begin with `troupe.`, are left out, and
/// so is what CAF hides, for which it does not wait. Thread-safe.
class roster final : public caf::actor_profiler {
public:
  roster();

  /// Names `most` of them: `actor 12, poller, detached; ... and 3 more`. Empty
  /// if there are none.
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

  /// Lives as long as the last actor that is in it.
  struct book {
    mutable std::mutex mutex;
    std::map<const caf::local_actor*, entry> entries;
  };

  std::shared_ptr<book> book_;
};

} // namespace troupe::net
