#pragma once

#include "base/guarded.hpp"
#include "troupe/reply_handler.hpp"

#include <caf/timespan.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace troupe::actors {

/// A request to a server.
struct client_question {
  std::string event;
  wire_value value;
  caf::timespan timeout{0};
  std::string room = {}; ///< Empty for none.
};

/// Returns why a request to a closed client has no answer.
inline refusal gone() {
  return refuse("gone", "the client is closed");
}

/// Passes the outcome of a request to the program, once: `gone` if it is
/// destroyed before it was called.
class request_callback {
public:
  using function = std::function<void(const detail::answer_view&)>;

  explicit request_callback(function f)
    : state_{std::make_shared<state>(std::move(f))} {
  }

  /// Calls the function unless it has been called. Passes on its exceptions.
  void operator()(const detail::answer_view& x) const {
    if (auto f = std::exchange(state_->f, nullptr))
      f(x);
  }

private:
  struct state {
    explicit state(function x) : f{std::move(x)} {
    }

    state(const state&) = delete;
    state& operator=(const state&) = delete;

    ~state() {
      if (f)
        guarded("ws_client", "the callback of a request",
                [this] { f(gone()); });
    }

    function f;
  };

  std::shared_ptr<state> state_;
};

} // namespace troupe::actors
