#include "actors/survey_actor.hpp"

#include <memory>
#include <type_traits>
#include <utility>

namespace troupe::actors {

namespace {

/// Time limit for another node to respond to `forward_local`.
constexpr caf::timespan tell_patience = std::chrono::seconds{3};

void merge(uint64_t& sum, uint64_t x) {
  sum += x;
}

void merge(bool& sum, bool x) {
  sum = sum || x;
}

void merge(std::vector<connection_info>& sum,
           const std::vector<connection_info>& xs) {
  sum.insert(sum.end(), xs.begin(), xs.end());
}

/// Returns the response to `forward` if the request to the connection's node
/// has failed with `why`.
caf::result<caf::message> in_place_of(const msg::forward& msg,
                                      const caf::error& why) {
  if (why == errc::no_such_name)
    return answer_for_nobody(msg); // The connection has ended meanwhile.
  if (why.category() == make_error(errc::no_such_name).category())
    return why;
  return make_error(errc::no_answer, msg.id);
}

} // namespace

bool answers_bool(const caf::message& what) {
  return what.match_elements<msg::is_joined>()
         || what.match_elements<msg::leave>();
}

caf::result<caf::message> answer_for_nobody(const msg::forward& msg) {
  if (answers_bool(msg.what))
    return caf::make_message(false);
  if (msg.what.match_elements<msg::leave_all>()
      || msg.what.match_elements<msg::disconnect>())
    return caf::make_message();
  return make_error(errc::no_such_name, msg.id);
}

survey_actor::survey_actor(caf::actor_config& cfg, event_loop* at,
                           caf::actor here, std::string here_name,
                           std::vector<node> others)
  : pinned_actor(cfg, at),
    here_(std::move(here)),
    here_name_(std::move(here_name)),
    others_(std::move(others)) {
}

caf::behavior survey_actor::make_behavior() {
  return {
    [this](const msg::survey& msg) { ask_all(msg); },
    [this](const msg::forward& msg) { find(msg); },
  };
}

/// Returns a promise for the current message; not pending if it is not a
/// request.
caf::response_promise survey_actor::answer_here() {
  return is_asked() ? make_response_promise() : caf::response_promise{};
}

// -- queries to all nodes -----------------------------------------------------

/// A query to all nodes and the combined responses so far.
template <class T>
struct survey_actor::poll {
  survey_actor* self;
  caf::response_promise promise;
  size_t open;
  partial<T> result;

  void take(const T& x) {
    merge(result.value, x);
    finish_one();
  }

  void miss(const std::string& node, const caf::error& why) {
    // This error means that the node has no such connection.
    if (why != errc::no_such_name)
      result.silent.push_back(node);
    finish_one();
  }

  void finish_one() {
    if (--open > 0)
      return;
    promise.deliver(std::move(result));
    self->quit();
  }
};

void survey_actor::ask_all(const msg::survey& msg) {
  const auto& what = msg.what;
  if (what.match_elements<msg::total_connections>())
    gather<uint64_t>(what, msg.patience);
  else if (what.match_elements<msg::connections>()
           || what.match_elements<msg::connections_by_room>())
    gather<std::vector<connection_info>>(what, msg.patience);
  else if (what.match_elements<msg::is_connected>())
    gather<bool>(what, msg.patience);
  else if (what.match_elements<msg::forward>()
           && answers_bool(what.get_as<msg::forward>(0).what))
    gather<bool>(
      caf::make_message(forward_local{what.get_as<msg::forward>(0).id,
                                      what.get_as<msg::forward>(0).what}),
      msg.patience);
  else {
    answer_here().deliver(make_error(caf::sec::unexpected_message));
    quit();
  }
}

template <class T>
void survey_actor::gather(const caf::message& what, caf::timespan patience) {
  auto state = std::make_shared<poll<T>>(
    poll<T>{this, answer_here(), others_.size() + 1, {}});
  auto ask = [&](const std::string& name, auto response) {
    response.then([state](const T& x) { state->take(x); },
                  [state, name](const caf::error& err) {
                    state->miss(name, err);
                  });
  };
  ask(here_name_, request(here_, patience, what));
  for (const auto& x : others_)
    ask(x.name, request(x.bridge, patience, ask_remote{what}));
}

// -- a connection on another node ---------------------------------------------

void survey_actor::find(const msg::forward& msg) {
  if (answers_bool(msg.what))
    find_one<bool>(msg);
  else
    find_one<void>(msg);
}

template <class T>
void survey_actor::find_one(const msg::forward& msg) {
  auto promise = answer_here();
  auto finish = [this, promise](const caf::message& x) mutable {
    promise.deliver(x);
    quit();
  };
  auto fail = [this, promise, msg](const caf::error& why) mutable {
    auto x = in_place_of(msg, why);
    if (x.flag == caf::rt_value)
      promise.deliver(std::move(x.value));
    else
      promise.deliver(std::move(x.err));
    quit();
  };
  const auto& bridge = others_.front().bridge;
  auto question = caf::make_message(forward_local{msg.id, msg.what});
  auto response = request(bridge, tell_patience, ask_remote{question});
  if constexpr (std::is_void_v<T>)
    response.then([finish]() mutable { finish({}); }, fail);
  else
    response.then(
      [finish](const T& x) mutable { finish(caf::make_message(x)); }, fail);
}

} // namespace troupe::actors
