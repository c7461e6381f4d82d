#pragma once

#include "net/runtime/worker.hpp"

#include <caf/detail/simple_actor_clock.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace troupe::net {

/// CAF's clock on top of Asio: delivers delayed messages, receive time-outs and
/// request time-outs with a single timer on one worker. Thread-safe.
class clock final : public caf::detail::simple_actor_clock {
public:
  using super = caf::detail::simple_actor_clock;

  /// @param event_loop the worker whose thread sends the messages that are due.
  explicit clock(worker& event_loop);

  /// Drops all scheduled messages and ignores further ones. Call after the
  /// worker has stopped and before it is destroyed.
  void close();

  // -- actor_clock ------------------------------------------------------------

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                            caf::atom_value type, uint64_t id) override;
  void set_multi_timeout(time_point t, caf::abstract_actor* self,
                         caf::atom_value type, uint64_t id) override;
  void set_request_timeout(time_point t, caf::abstract_actor* self,
                           caf::message_id id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self,
                               caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self,
                              caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point t, caf::group target,
                        caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

private:
  template <class F>
  void update(F f);
  void arm();
  void on_timer();
  std::vector<unique_delayed_event_ptr> pop_due();

  std::mutex mutex_; ///< Guards the base class and all members below.
  std::optional<worker::timer> timer_; ///< Empty after `close`.
  time_point armed_for_ = time_point::max();
};

} // namespace troupe::net
