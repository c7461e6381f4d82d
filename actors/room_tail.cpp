#include "actors/room_tail.hpp"

#include "actors/registry_actor.hpp"
#include "base/utf8.hpp"
#include "base/visible.hpp"
#include "troupe/messages.hpp"

#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>

#include <string_view>
#include <utility>

namespace troupe::actors {

namespace {

/// Sent by the actor to itself.
struct check_reader {};

} // namespace

} // namespace troupe::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::check_reader)

namespace troupe::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto answer_time = 1s;

/// Returns the beginning of the payload, without an incomplete character.
std::string_view beginning(const frame& x) {
  auto result = x.payload();
  if (result.size() <= tail_limits::message_bytes)
    return result;
  result = result.substr(0, tail_limits::message_bytes);
  return x.is_binary() ? result
                       : result.substr(0, base::whole_characters(result));
}

class room_tail final : public caf::event_based_actor {
public:
  room_tail(caf::actor_config& cfg, caf::actor registry, std::string room,
            caf::actor reader)
    : caf::event_based_actor{cfg},
      registry_{std::move(registry)},
      room_{std::move(room)},
      reader_{std::move(reader)} {
  }

  const char* name() const override {
    return "troupe.tail";
  }

  caf::behavior make_behavior() override {
    set_down_handler([this](const caf::down_msg&) { quit(); });
    monitor(std::exchange(reader_, nullptr)); // Its handle would be a cycle.
    request(registry_, answer_time, observe{room_}) // before any report
      .await([] {}, [this](const caf::error& why) { on_refusal(why); });
    delayed_send(this, tail_limits::patience, check_reader{});
    return {
      [this](const msg::deliver& x) { add(x.messages); },
      [this](const msg::room_down&) { end("the room has ended"); },
      [this](const msg::member_removed& x) { end(what(x.reason)); },
      [this](report_tail) { return report(); },
      [this](check_reader) {
        if (std::exchange(is_read_, false))
          delayed_send(this, tail_limits::patience, check_reader{});
        else
          quit();
      },
    };
  }

  void on_exit() override {
    registry_ = nullptr;
  }

private:
  void on_refusal(const caf::error& why) {
    end(why == errc::no_such_name ? "there is no room of this name"
                                  : what(why));
  }

  /// The first reason counts.
  void end(std::string why) {
    if (report_.end.empty())
      report_.end = std::move(why);
  }

  void add(const batch& messages) {
    if (auto now = clock().now(); now - second_ >= 1s) {
      second_ = now;
      messages_ = 0;
      bytes_ = 0;
    }
    messages.for_each(id(), [this](const frame& x) { add(x); });
  }

  void add(const frame& x) {
    auto size = x.payload().size();
    if (messages_ >= tail_limits::messages_per_second
        || bytes_ >= tail_limits::bytes_per_second) {
      ++report_.omitted;
      report_.omitted_bytes += size;
      return;
    }
    auto text = base::visible(beginning(x));
    ++messages_;
    bytes_ += text.size();
    report_.messages.push_back(
      {std::chrono::system_clock::now(), std::move(text), size, x.is_binary()});
  }

  tail_report report() {
    is_read_ = true;
    if (!report_.end.empty())
      quit();
    return std::exchange(report_, {});
  }

  caf::actor registry_;
  const std::string room_;
  caf::actor reader_; ///< Until the actor starts.
  bool is_read_ = false;
  tail_report report_; ///< The next one.

  // What the report got in the current second.
  caf::actor_clock::time_point second_;
  size_t messages_ = 0;
  size_t bytes_ = 0;
};

} // namespace

caf::actor spawn_room_tail(caf::actor_system& sys, caf::actor registry,
                           std::string room, caf::actor reader) {
  return sys.spawn<room_tail>(std::move(registry), std::move(room),
                              std::move(reader));
}

} // namespace troupe::actors
