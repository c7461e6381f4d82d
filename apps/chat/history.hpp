#pragma once

#include "protocol.hpp"

#include <deque>
#include <vector>

namespace chat {

/// The last messages of a room.
class history {
public:
  void add(message x);

  /// Adds messages from another node that are not known yet; sorts by time.
  void merge(std::vector<message> told);

  std::vector<message> list() const {
    return {said_.begin(), said_.end()};
  }

private:
  void forget_oldest();

  std::deque<message> said_;
};

} // namespace chat
