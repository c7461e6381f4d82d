#pragma once

#include "actors/seams/event_loop.hpp"
#include "actors/seams/fast_path.hpp"

#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <random>
#include <utility>
#include <vector>

namespace troupe::test {

/// An event loop on the thread of the test, which runs only when the test calls
/// it. Actors pinned to it use the fast paths, and the test controls each step.
class fake_event_loop final : public actors::event_loop {
public:
  explicit fake_event_loop(caf::actor_system& sys) : actors::event_loop(&sys) {
    enter();
  }

  ~fake_event_loop() override {
    leave();
  }

  /// Makes this the event loop of the calling thread, as the constructor does.
  void enter() noexcept {
    current_ = this;
  }

  /// Leaves the calling thread without an event loop.
  void leave() noexcept {
    current_ = nullptr;
  }

  void exec_later(caf::resumable* job) override {
    jobs_.push_back(job);
  }

  void at_turn_end(caf::strong_actor_ptr who) override {
    turn_end_.push_back(std::move(who));
  }

  void at_turn_end(caf::strong_actor_ptr owner,
                   actors::direct_channel& x) override {
    gathered_.emplace_back(std::move(owner), &x);
  }

  /// Adds a function that stands for the input of a socket.
  void post(std::function<void()> f) {
    posts_.push_back(std::move(f));
  }

  bool has_work() const noexcept {
    return !jobs_.empty() || !posts_.empty() || !gathered_.empty()
           || !turn_end_.empty();
  }

  /// Returns the number of runnable actors.
  size_t runnable() const noexcept {
    return jobs_.size();
  }

  /// Runs all functions and actors, and ends the turn, until nothing is left.
  /// @returns whether there was anything to run.
  bool run() {
    auto before = std::exchange(current_, this);
    bool ran = false;
    while (step())
      ran = true;
    current_ = before;
    return ran;
  }

  /// Does the next step of `run`.
  bool step() {
    return run_post() || run_one() || tell_turn_end();
  }

  /// Does a random step: calls a function, lets an actor handle a message, or
  /// ends the turn, possibly before everything has run.
  void step(std::mt19937& random) {
    auto before = std::exchange(current_, this);
    auto kind = random() % 8;
    bool done = kind < 2 ? run_post() : kind == 2 && tell_turn_end();
    if (!done && !run_one(1) && !run_post())
      tell_turn_end();
    current_ = before;
  }

  /// Runs one actor.
  /// @returns whether there was one.
  bool run_one(size_t messages = 100) {
    if (jobs_.empty())
      return false;
    auto* job = jobs_.front();
    jobs_.pop_front();
    if (job->resume(this, messages) == caf::resumable::resume_later)
      jobs_.push_back(job);
    else
      caf::intrusive_ptr_release(job);
    return true;
  }

private:
  void tell_held_up(std::string_view, duration) override {
  }

  bool run_post() {
    if (posts_.empty())
      return false;
    auto f = std::move(posts_.front());
    posts_.pop_front();
    f();
    return true;
  }

  bool tell_turn_end() {
    ++turns_;
    auto gathered = std::exchange(gathered_, {});
    for (auto& [owner, x] : gathered)
      x->flush();
    auto told = std::exchange(turn_end_, {});
    for (auto& who : told)
      who->enqueue(nullptr, caf::make_message_id(),
                   caf::make_message(actors::turn_end{}), this);
    return !gathered.empty() || !told.empty();
  }

  std::deque<caf::resumable*> jobs_;
  std::deque<std::function<void()>> posts_;
  std::vector<std::pair<caf::strong_actor_ptr, actors::direct_channel*>>
    gathered_;
  std::vector<caf::strong_actor_ptr> turn_end_;
};

} // namespace troupe::test
