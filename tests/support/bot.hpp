#pragma once

#include "troupe/messages.hpp"

#include <caf/actor_config.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/sec.hpp>

#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// @file
///
/// A bot for random schedules. It uses only messages.hpp.

namespace troupe::test {

class bot;

/// Sent to a bot. Makes the bot call `f` in a handler.
struct errand {
  std::function<void(bot&)> f;
};

/// Sent to a bot as a request. The response follows when the bot has sent all
/// its messages and those with tickets are confirmed.
struct report {};

/// Sent to a bot that rests. Makes it handle messages again.
struct wake_up {};

/// What a bot has received, and the rooms of which it is a member. Thread-safe;
/// remains valid after the bot has terminated.
class diary {
public:
  void hear(std::string text) {
    std::lock_guard guard{mutex_};
    heard_.push_back(std::move(text));
  }

  void enter(const std::string& room) {
    std::lock_guard guard{mutex_};
    rooms_.insert(room);
  }

  void leave(const std::string& room) {
    std::lock_guard guard{mutex_};
    rooms_.erase(room);
  }

  /// Notes that a room has removed the bot.
  void lose(const std::string& room) {
    std::lock_guard guard{mutex_};
    lost_.insert(room);
  }

  std::set<std::string> rooms() const {
    std::lock_guard guard{mutex_};
    return rooms_;
  }

  /// Returns what the bot has received since the last call.
  std::vector<std::string> take_heard() {
    std::lock_guard guard{mutex_};
    return std::exchange(heard_, {});
  }

  /// Returns the rooms that have removed the bot since the last call.
  std::set<std::string> take_lost() {
    std::lock_guard guard{mutex_};
    return std::exchange(lost_, {});
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
  std::set<std::string> rooms_;
  std::set<std::string> lost_;
};

/// A plain actor that is a member of rooms and publishes to them. It runs on
/// whichever thread wakes it.
class bot final : public caf::event_based_actor {
public:
  /// @param is_careful whether the bot waits until a message is confirmed
  ///                   before it sends the next, which keeps the order over all
  ///                   paths.
  bot(caf::actor_config& cfg, caf::actor registry, std::shared_ptr<diary> notes,
      bool is_careful)
    : caf::event_based_actor(cfg),
      registry_(std::move(registry)),
      notes_(std::move(notes)),
      is_careful_(is_careful) {
    // CAF's default handler would print the exceptions of fragile bots.
    set_exception_handler([](std::exception_ptr&) {
      return caf::make_error(caf::sec::runtime_error);
    });
  }

  caf::behavior make_behavior() override {
    return {
      [this](const errand& x) { x.f(*this); },
      [this](const msg::deliver& x) { hear(x); },
      [this](const msg::joined& x) {
        --asked_[x.room];
        handles_[x.room] = x.handle;
      },
      [this](const msg::member_removed& x) { fall_out_of(x.room); },
      [this](const msg::confirmed& x) {
        unconfirmed_ -= x.last - x.first + 1;
        say_next();
      },
      [this](report) {
        reports_.push_back(make_response_promise());
        say_next();
      },
      [](wake_up) {},
      [](const msg::room_down&) {}, // The server has stopped.
    };
  }

  void on_exit() override {
    // Breaks the cycle of handles between rooms and this bot.
    registry_ = nullptr;
    handles_.clear();
    waiting_.clear();
    reports_.clear();
  }

  // -- for errands ------------------------------------------------------------

  const caf::actor& registry() const {
    return registry_;
  }

  /// Returns the room; null if the bot has never joined it.
  caf::actor room(const std::string& name) const {
    auto i = handles_.find(name);
    return i == handles_.end() ? nullptr : i->second;
  }

  void enter(const std::string& room) {
    notes_->enter(room);
    ++asked_[room];
    send(registry_, msg::join{room, nullptr});
  }

  void depart(const std::string& name) {
    notes_->leave(name);
    send(registry_, msg::leave{name, nullptr});
  }

  /// Publishes a message.
  /// @param straight whether to send it to the room itself.
  void say(msg::publish what, bool straight) {
    what.ticket = is_careful_ ? ++last_ticket_ : 0;
    auto to = straight ? room(what.to.name) : registry_;
    waiting_.push_back({to, std::move(what)});
    say_next();
  }

  /// Handles only `wake_up` from now on.
  void rest() {
    set_default_handler(caf::skip);
    become(caf::keep_behavior, [this](wake_up) {
      set_default_handler(caf::print_and_drop);
      unbecome();
    });
  }

  /// Makes the bot throw when it receives the next batch.
  void become_fragile() {
    is_fragile_ = true;
  }

private:
  void hear(const msg::deliver& x) {
    if (is_fragile_)
      throw std::runtime_error{"as asked"};
    x.messages.for_each(id(), [this](const frame& message) {
      notes_->hear(std::string{message.payload()});
    });
  }

  void fall_out_of(const std::string& room) {
    notes_->lose(room);
    if (asked_[room] == 0) // Otherwise it is about to join again.
      notes_->leave(room);
  }

  void say_next() {
    while (!waiting_.empty() && unconfirmed_ == 0) {
      auto [to, what] = std::move(waiting_.front());
      waiting_.pop_front();
      unconfirmed_ += what.ticket != 0 ? 1 : 0;
      send(to, std::move(what));
    }
    if (waiting_.empty() && unconfirmed_ == 0)
      for (auto& x : std::exchange(reports_, {}))
        x.deliver(caf::message{});
  }

  caf::actor registry_;
  std::shared_ptr<diary> notes_;
  bool is_careful_;
  bool is_fragile_ = false;
  std::map<std::string, int> asked_; ///< Number of unanswered joins.
  std::map<std::string, caf::actor> handles_;
  std::deque<std::pair<caf::actor, msg::publish>> waiting_;
  uint64_t unconfirmed_ = 0;
  uint64_t last_ticket_ = 0;
  std::vector<caf::response_promise> reports_;
};

} // namespace troupe::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::test::errand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::test::report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::test::wake_up)
