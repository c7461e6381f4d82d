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

/// A thread of the runtime that is the test's own and runs on only when told:
/// what is pinned to it takes the fast paths, and the test sees each step.
class fake_event_loop final : public actors::event_loop {
public:
  explicit fake_event_loop(caf::actor_system& sys) : actors::event_loop(&sys) {
    enter();
  }

  ~fake_event_loop() override {
    leave();
  }

  /// From now on the test is on this thread, as it is at the beginning.
  void enter() noexcept {
    current_ = this;
  }

  /// From now on the test is elsewhere.
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

  /// What a socket of this thread has.
  void post(std::function<void()> f) {
    posts_.push_back(std::move(f));
  }

  bool has_work() const noexcept {
    return !jobs_.empty() || !posts_.empty() || !gathered_.empty()
           || !turn_end_.empty();
  }

  /// How many actors are to run.
  size_t runnable() const noexcept {
    return jobs_.size();
  }

  /// Lets all run that can, and ends the turn, until nothing is left.
  /// @returns whether there was anything.
  bool run() {
    auto before = std::exchange(current_, this);
    bool ran = false;
    while (step())
      ran = true;
    current_ = before;
    return ran;
  }

  /// The next step of `run`.
  bool step() {
    return run_post() || run_one() || tell_turn_end();
  }

  /// Lets a socket be read, or an actor handle a message, or ends the turn,
  /// which it may before all is done.
  void step(std::mt19937& random) {
    auto before = std::exchange(current_, this);
    auto kind = random() % 8;
    bool done = kind < 2 ? run_post() : kind == 2 && tell_turn_end();
    if (!done && !run_one(1) && !run_post())
      tell_turn_end();
    current_ = before;
  }

  /// Lets one actor run.
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
