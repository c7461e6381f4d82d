#pragma once

#include "base/guarded.hpp"
#include "troupe/reply_handler.hpp"

#include <caf/timespan.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

/// The requests of a client that have no outcome yet.
class client_requests {
public:
  /// @returns the id of the request.
  uint64_t add(request_callback f) {
    entries_.emplace(++last_id_, entry{std::move(f)});
    return last_id_;
  }

  /// Returns whether a request has no outcome yet.
  bool contains(uint64_t id) const {
    return entries_.contains(id);
  }

  /// Notes that a request is sent.
  /// @returns false if it has an outcome already.
  bool note_sent(uint64_t id) {
    auto i = entries_.find(id);
    if (i == entries_.end())
      return false;
    i->second.is_sent = true;
    return true;
  }

  /// Removes a request.
  /// @returns its callback; one that does nothing if the request is unknown.
  request_callback take(uint64_t id) {
    auto node = entries_.extract(id);
    return node ? std::move(node.mapped().f) : request_callback{nullptr};
  }

  /// Removes all requests that were sent.
  std::vector<request_callback> take_sent() {
    std::vector<request_callback> result;
    for (auto i = entries_.begin(); i != entries_.end();)
      if (i->second.is_sent) {
        result.push_back(std::move(i->second.f));
        i = entries_.erase(i);
      } else {
        ++i;
      }
    return result;
  }

  /// Removes all requests.
  std::vector<request_callback> take_all() {
    for (auto& [id, x] : entries_)
      x.is_sent = true;
    return take_sent();
  }

  size_t size() const noexcept {
    return entries_.size();
  }

private:
  struct entry {
    request_callback f;
    bool is_sent = false;
  };

  std::map<uint64_t, entry> entries_;
  uint64_t last_id_ = 0;
};

} // namespace troupe::actors
