#pragma once

#include "actors/bridges.hpp"
#include "actors/pinned_actor.hpp"

#include <string>
#include <vector>

namespace troupe::actors {

/// Returns whether the response of a connection to `what` is a `bool`.
bool answers_bool(const caf::message& what);

/// Returns the response of the registry to `forward` if there is no such
/// connection: false, empty or an error (see `msg::forward`).
caf::result<caf::message> answer_for_nobody(const msg::forward& msg);

/// Handles one message and terminates. For `survey`, sends a query to several
/// nodes and combines their responses; the result names the nodes that are lost
/// or do not respond in time. For `forward`, forwards a message to a connection
/// on another node, and responds in its place if that node does not.
class survey_actor final : public pinned_actor {
public:
  struct node {
    std::string name;
    caf::actor bridge;
  };

  /// @param here the registry of this node; null if it is not asked.
  survey_actor(caf::actor_config& cfg, event_loop* at, caf::actor here,
               std::string here_name, std::vector<node> others);

  const char* name() const override {
    return "troupe.survey";
  }

  /// Handles `survey`, and `forward` for a connection of the first of the other
  /// nodes.
  caf::behavior make_behavior() override;

private:
  template <class T>
  struct poll;

  caf::response_promise answer_here();
  void ask_all(const msg::survey& msg);
  void find(const msg::forward& msg);

  template <class T>
  void gather(const caf::message& what, caf::timespan patience);

  template <class T>
  void find_one(const msg::forward& msg);

  caf::actor here_;
  std::string here_name_;
  std::vector<node> others_;
};

} // namespace troupe::actors
