#pragma once

#include "troupe/one_shot.hpp"
#include "troupe/reply.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace troupe {

/// Whom an event handler answers: the request that an event is, or nobody if
/// the event is no request. A request has one answer, which the first call of
/// `settle` or `hold` by any handler decides about. Valid while the handlers
/// run, on their thread.
class requester {
public:
  /// Returns whether an answer is expected. The answer to anything else need
  /// not be encoded.
  virtual bool is_request() const noexcept = 0;

  /// Answers the request, unless it is answered or held. Does not throw.
  /// @param x  an outcome from `to_outcome`.
  virtual void settle(outcome x) = 0;

  /// Returns a handle that answers the request later (see
  /// `make_outcome_handle`). If it is answered or held, or if there is none,
  /// the handle ignores calls.
  virtual one_shot<outcome> hold() = 0;

protected:
  requester() = default;
  requester(const requester&) = default;
  requester& operator=(const requester&) = default;
  ~requester() = default;
};

/// Stands for nobody, for events that are no requests.
class no_requester final : public requester {
public:
  bool is_request() const noexcept override {
    return false;
  }

  void settle(outcome) override {
  }

  one_shot<outcome> hold() override {
    return {};
  }
};

/// The requester of all events that are no requests.
inline constinit no_requester no_request;

/// Returns a handle to one request, which is refused with `no_answer` if all
/// copies of the handle are destroyed without a call.
/// @param deliver  receives the outcome, once, on the thread that answers. Must
///                 not throw.
/// @param client   exists as long as the client waits.
inline one_shot<outcome>
make_outcome_handle(std::function<void(outcome)> deliver,
                    std::weak_ptr<const void> client) {
  return {std::move(deliver), std::move(client),
          refuse("no_answer", "the request was not answered")};
}

} // namespace troupe
