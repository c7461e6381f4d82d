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

/// Sent by a `server_target` to the publisher. Publishes `message`.
struct announcement {
  recipient to;
  frame message;
};

/// Sends the messages and commands of a server to the registry, in order. They
/// come from any thread. Terminates with the registry, to which it is linked.
///
/// The registry delegates a join or a leave to the connection, so a message to
/// the room could overtake it. Therefore, a message or query for a room waits
/// until all earlier joins and leaves of that room are answered, and everything
/// behind it waits as well. A response that is late does not hold up anything
/// any longer, since the thread of its connection is held up. Messages also
/// wait while too many are not confirmed. Both are bounded: messages by
/// `server_target`, commands and queries here.
class server_publisher final : public runtime_actor {
public:
  server_publisher(caf::actor_config& cfg, event_loop* at,
                   std::shared_ptr<server_core> core);

  const char* name() const override {
    return "troupe.server_publisher";
  }

  /// Handles `announcement`, and the requests `forward`, `connections_by_room`
  /// and `survey`. The response to these is that of the registry, or
  /// errc::too_much_output.
  caf::behavior make_behavior() override;
  using runtime_actor::consume;
  caf::invoke_message_result consume(caf::mailbox_element& x) override;
  void on_exit() override;

private:
  /// A command or query for the registry.
  struct inquiry {
    caf::message what;
    caf::response_promise asker; ///< Not pending if it is not a request.
  };

  /// A waiting item. Numbers are ascending.
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
  std::map<uint64_t, inquiry> open_; ///< Sent; not answered, not late.
  std::map<uint64_t, inquiry> late_; ///< Sent; not answered, late.
  /// Number of joins and leaves in `open_` by room; "" stands for any room.
  std::map<std::string, size_t> changing_;
  lateness lateness_;
  uint64_t last_number_ = 0;
  size_t asked_bytes_ = 0; ///< Size of all inquiries.
};

/// The publish target of a server. Thread-safe. Drops a message if the size of
/// all waiting ones exceeds `config::max_output_bytes`.
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
