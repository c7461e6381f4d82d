#pragma once

#include "actors/bridges.hpp"
#include "actors/pinned_actor.hpp"

#include <string>
#include <vector>

namespace troupe::actors {

/// Whether a connection answers `what` with a `bool`, else with nothing.
bool answers_bool(const caf::message& what);

/// What the registry answers to `forward` if there is no such connection: no
/// membership, nothing to be done, or an error.
caf::result<caf::message> answer_for_nobody(const msg::forward& msg);

/// Asks several nodes one question, puts their answers together and ends. A
/// node that does not answer in time, or goes meanwhile, is named. Or asks a
/// connection on another node, and answers for that node if it does not.
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

  /// Understands `survey`, and `forward` for a connection of the only other
  /// node.
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
