#pragma once

#include "support/fake_event_loop.hpp"

#include <cstddef>
#include <memory>
#include <random>
#include <vector>

namespace troupe::test {

/// The threads of a runtime, simulated on the thread of the test. Which of them
/// runs next, and when a turn ends, is random. One of them may be held up, as
/// by a handler that blocks; nothing runs on it meanwhile.
class fake_event_loops {
public:
  fake_event_loops(caf::actor_system& sys, size_t n) {
    for (size_t i = 0; i < n; ++i) {
      loops_.push_back(std::make_unique<fake_event_loop>(sys));
      loops_.back()->leave();
    }
  }

  std::vector<actors::event_loop*> all() const {
    std::vector<actors::event_loop*> res;
    for (const auto& x : loops_)
      res.push_back(x.get());
    return res;
  }

  size_t size() const noexcept {
    return loops_.size();
  }

  fake_event_loop& operator[](size_t i) {
    return *loops_[i % loops_.size()];
  }

  void hold(size_t i) {
    held_ = loops_[i].get();
  }

  void go_on() {
    held_ = nullptr;
  }

  /// Lets one thread take a step.
  /// @returns false if no thread that may run has work.
  bool step(std::mt19937& random) {
    std::vector<fake_event_loop*> ready;
    for (const auto& x : loops_)
      if (x.get() != held_ && x->has_work())
        ready.push_back(x.get());
    if (ready.empty())
      return false;
    ready[random() % ready.size()]->step(random);
    return true;
  }

private:
  std::vector<std::unique_ptr<fake_event_loop>> loops_;
  const fake_event_loop* held_ = nullptr;
};

} // namespace troupe::test
