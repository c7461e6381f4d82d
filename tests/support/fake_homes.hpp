#pragma once

#include "support/fake_home.hpp"

#include <cstddef>
#include <memory>
#include <random>
#include <vector>

namespace troupe::test {

/// The threads of a runtime, played by the test's: which of them goes on, and
/// when a turn is over, is decided by chance. One may be held up, as by a
/// handler that blocks: nothing on it runs meanwhile.
class fake_homes {
public:
  fake_homes(caf::actor_system& sys, size_t n) {
    for (size_t i = 0; i < n; ++i) {
      homes_.push_back(std::make_unique<fake_home>(sys));
      homes_.back()->leave();
    }
  }

  std::vector<actors::home*> all() const {
    std::vector<actors::home*> res;
    for (const auto& x : homes_)
      res.push_back(x.get());
    return res;
  }

  size_t size() const noexcept {
    return homes_.size();
  }

  fake_home& operator[](size_t i) {
    return *homes_[i % homes_.size()];
  }

  void hold(size_t i) {
    held_ = homes_[i].get();
  }

  void go_on() {
    held_ = nullptr;
  }

  /// Lets one thread take a step.
  /// @returns false if there is nothing to do on any that may.
  bool step(std::mt19937& random) {
    std::vector<fake_home*> ready;
    for (const auto& x : homes_)
      if (x.get() != held_ && x->has_work())
        ready.push_back(x.get());
    if (ready.empty())
      return false;
    ready[random() % ready.size()]->step(random);
    return true;
  }

private:
  std::vector<std::unique_ptr<fake_home>> homes_;
  const fake_home* held_ = nullptr;
};

} // namespace troupe::test
