#pragma once

#include "troupe/error.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/expected.hpp>
#include <caf/message.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/timespan.hpp>

#include <chrono>
#include <type_traits>
#include <utility>

namespace troupe {

namespace detail {

/// Whether this thread may not wait, since the answer could need it.
bool on_runtime_thread() noexcept;

/// Puts an error of CAF's about a request into one of ours.
caf::error explain_failure(caf::error err);

} // namespace detail

/// A question to a server, or something to be done and how that went; `T` is
/// the answer, `void` for none. Ask once, in one of three ways:
///
/// - an actor by `then`, which does not wait;
/// - a plain thread by `get`, which does;
/// - nobody: what is to be done is done when the query is destroyed unasked.
///
/// What one thread or actor asks of one server about rooms, or has a connection
/// do, is dealt with in that order, and in order with what it sends by the
/// server's emitters; so a question about a room comes after the joins and
/// leaves before it. Questions about connections alone wait for nothing. Not
/// thread-safe.
///
/// Errors, besides those of the question: errc::no_answer if none came in time
/// or the server has stopped, errc::too_much_output if too much waits already,
/// errc::would_block from `get` only.
template <class T>
class query {
public:
  static constexpr caf::timespan default_timeout = std::chrono::seconds{5};

  query(caf::actor whom, caf::message what)
    : whom_(std::move(whom)),
      what_(std::move(what)) {
  }

  query(query&& x) noexcept
    : whom_(std::exchange(x.whom_, nullptr)),
      what_(std::move(x.what_)) {
  }

  query& operator=(query&&) = delete;

  ~query() {
    if (whom_)
      caf::anon_send(whom_, std::move(what_));
  }

  /// Calls `on_value(const T&)`, or `on_value()` for `void`, or else
  /// `on_error(const caf::error&)`, later and as part of `self`. A handler of a
  /// connection passes `c.self()`, any other actor `*self`.
  template <class OnValue, class OnError>
  void then(caf::event_based_actor& self, OnValue on_value, OnError on_error,
            caf::timespan timeout = default_timeout) {
    auto failed = [f = std::move(on_error)](caf::error& err) mutable {
      f(detail::explain_failure(std::move(err)));
    };
    auto response = self.request(take(), timeout, std::move(what_));
    if constexpr (std::is_void_v<T>)
      response.then(std::move(on_value), std::move(failed));
    else
      response.then([f = std::move(on_value)](const T& x) mutable { f(x); },
                    std::move(failed));
  }

  /// The same, and ignores errors.
  template <class OnValue>
  void then(caf::event_based_actor& self, OnValue on_value) {
    then(self, std::move(on_value), [](const caf::error&) {});
  }

  /// Waits for the answer. On a thread of the runtime, that is in any handler,
  /// nothing is done and errc::would_block returned at once: use `then`.
  caf::expected<T> get(caf::timespan timeout = default_timeout) {
    auto whom = take();
    if (detail::on_runtime_thread())
      return make_error(errc::would_block, "use then() inside of actors");
    caf::scoped_actor self{whom->home_system()};
    caf::expected<T> result{caf::error{}};
    auto failed = [&](caf::error& err) {
      result = detail::explain_failure(std::move(err));
    };
    auto response = self->request(whom, timeout, std::move(what_));
    if constexpr (std::is_void_v<T>)
      response.receive([] {}, failed);
    else
      response.receive([&](T& x) { result = std::move(x); }, failed);
    return result;
  }

private:
  caf::actor take() noexcept {
    return std::exchange(whom_, nullptr);
  }

  caf::actor whom_; ///< Null once asked.
  caf::message what_;
};

} // namespace troupe
