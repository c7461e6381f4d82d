#pragma once

#include "actors/cluster/bridge_counters.hpp"
#include "actors/cluster/bridge_ends.hpp"
#include "actors/cluster/bridge_messages.hpp"
#include "actors/cluster/control_channel.hpp"
#include "actors/cluster/loss_log.hpp"

#include <memory>
#include <utility>

namespace troupe::actors {

/// Answers questions of the other node: asks the registry of this node, and
/// sends the response through the control channel.
class question_responder {
public:
  question_responder(const bridge_ends& ends, control_channel& out,
                     loss_log& losses,
                     std::shared_ptr<bridge_counters> counters)
    : ends_(ends),
      out_(out),
      losses_(losses),
      counters_(std::move(counters)) {
  }

  /// Answers `msg`, with an error if the text of the question is not UTF-8. If
  /// too many questions are open, sends no answer.
  void look_up(const question& msg);

private:
  template <class T>
  void ask(const question& msg);

  void give(answer x);

  const bridge_ends& ends_;
  control_channel& out_;
  loss_log& losses_;
  std::shared_ptr<bridge_counters> counters_;
};

} // namespace troupe::actors
