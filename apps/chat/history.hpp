#pragma once

#include "protocol.hpp"

#include <deque>
#include <vector>

namespace chat {

/// What was said last in one room.
class history {
public:
  void add(message x);

  /// Adds what another node knows, where it is new to us; in the order of time.
  void merge(std::vector<message> told);

  std::vector<message> list() const {
    return {said_.begin(), said_.end()};
  }

private:
  void forget_oldest();

  std::deque<message> said_;
};

} // namespace chat
