#pragma once

#include "actors/lateness.hpp"
#include "actors/pinned_actor.hpp"
#include "actors/publish_target.hpp"
#include "actors/server_core.hpp"
#include "actors/tickets.hpp"
#include "troupe/messages.hpp"

#include <caf/response_promise.hpp>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <variant>

namespace troupe::actors {

/// To the publisher: send this.
struct announcement {
  recipient to;
  frame message;
};

/// Sends to the registry, in order, what the server says in its own name, and
/// what its users want to be done or to know, from any thread. Ends with the
/// registry, to which it is linked.
///
/// The registry passes a join or a leave on to the connection, so a message to
/// the room could overtake it. Therefore what is for or about a room waits
/// until each join and leave before it is answered, and all behind it waits as
/// well. An answer that is late is waited for no longer: its connection's
/// thread is held. What rooms do not come round to yet waits here, too. What
/// may wait is bounded: messages by the publish target, the rest here.
class server_publisher final : public runtime_actor {
public:
  server_publisher(caf::actor_config& cfg, event_loop* at,
                   std::shared_ptr<server_core> core);

  const char* name() const override {
    return "troupe.server_publisher";
  }

  /// Understands `announcement`, and as requests `forward`,
  /// `connections_by_room` and `survey`, which it answers as the registry does,
  /// or with errc::too_much_output.
  caf::behavior make_behavior() override;
  using runtime_actor::consume;
  caf::invoke_message_result consume(caf::mailbox_element& x) override;
  void on_exit() override;

private:
  /// What the registry is asked, and for whom.
  struct inquiry {
    caf::message what;
    caf::response_promise asker; ///< Not pending if nobody wants the answer.
  };

  /// In the order of numbers.
  struct entry {
    uint64_t number;
    std::variant<announcement, inquiry> what;
  };

  void ask(caf::message what);
  void send_on();
  bool may_go(const entry& x) const;
  bool is_changing(const std::string& room) const;
  void send_now(uint64_t number, announcement& x);
  void send_now(uint64_t number, inquiry& x);
  void take_answer(uint64_t number, const caf::message& answer);
  void give_up_late_ones();
  void settle(const caf::message& what);

  std::shared_ptr<server_core> core_;
  tickets tickets_;
  std::deque<entry> waiting_;
  std::map<uint64_t, inquiry> open_;       ///< Not answered yet,
  std::map<uint64_t, inquiry> late_;       ///< nor in time.
  std::map<std::string, size_t> changing_; ///< Rooms, by open joins and leaves;
                                           ///< "": any room.
  lateness lateness_;
  uint64_t last_number_ = 0;
  size_t asked_bytes_ = 0; ///< Of all inquiries.
};

/// The publish target of a server.
class server_target final : public publish_target {
public:
  server_target(std::shared_ptr<server_core> core, caf::actor publisher);

  const config& settings() const noexcept override {
    return core_->settings;
  }

  bool is_usable_here() const noexcept override {
    return true;
  }

  void send_to(const recipient& to, frame message) override;

private:
  std::shared_ptr<server_core> core_;
  caf::actor publisher_;
};

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::announcement)
