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

/// Returns whether the calling thread is a runtime thread, which must not
/// block.
bool on_runtime_thread() noexcept;

/// Converts errors of CAF about a request to errors of troupe.
caf::error explain_failure(caf::error err);

} // namespace detail

/// Represents a question that has not been sent yet. There are two ways to use
/// a query, of which one can be used once:
///
/// - `then` sends it from an actor and passes the response to a callback;
/// - `get` sends it from a plain thread and waits for the response.
///
/// Queries about rooms and commands of one thread or actor to one server are
/// processed in the order in which they are sent, and in order with messages
/// sent by the emitters of the server. A query about a room thus observes
/// earlier joins and leaves. Queries about connections alone are not delayed by
/// these.
///
/// In addition to the errors of each question: errc::no_answer if there is no
/// response in time or the server has stopped, errc::too_much_output if too
/// many are pending, and errc::would_block from `get`.
///
/// Not thread-safe.
/// @tparam T  the type of the response; `void` for none.
template <class T>
class [[nodiscard]] query {
public:
  /// Default time limit for the response.
  static constexpr caf::timespan default_timeout = std::chrono::seconds{5};

  /// Creates a query that sends `what` to `whom`.
  query(caf::actor whom, caf::message what)
    : whom_(std::move(whom)),
      what_(std::move(what)) {
  }

  /// Moves `x`, which must not be used afterwards.
  query(query&& x) noexcept
    : whom_(std::exchange(x.whom_, nullptr)),
      what_(std::move(x.what_)) {
  }

  query& operator=(query&&) = delete;

  /// Sends the query and returns immediately. Calls one of the callbacks later,
  /// as part of `self`.
  /// @param self      the calling actor; `c.self()` in a handler of a
  ///                  connection `c`.
  /// @param on_value  takes a `const T&`, or nothing if `T` is `void`.
  /// @param on_error  takes a `const caf::error&`.
  /// @param timeout   time limit for the response.
  /// @pre The query has not been sent.
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

  /// Sends the query like the other overload, with the default time limit, and
  /// ignores errors.
  template <class OnValue>
  void then(caf::event_based_actor& self, OnValue on_value) {
    then(self, std::move(on_value), [](const caf::error&) {});
  }

  /// Sends the query and waits for the response.
  /// @param timeout  time limit for the response.
  /// @returns the response, or an error. On a runtime thread, and thus in all
  ///          handlers, errc::would_block without sending the query: use
  ///          `then`. A command is sent all the same, by its destructor.
  /// @pre The query has not been sent.
  [[nodiscard]] caf::expected<T> get(caf::timespan timeout = default_timeout) {
    if (detail::on_runtime_thread())
      return make_error(errc::would_block, "use then() inside of actors");
    auto whom = take();
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
  template <class>
  friend class command;

  caf::actor take() noexcept {
    return std::exchange(whom_, nullptr);
  }

  caf::actor whom_; ///< Null once sent.
  caf::message what_;
};

/// Represents a command that has a response. It differs from a query in that it
/// takes effect also if nobody asks for the response: the destructor sends it,
/// unless `then` or `get` has sent it.
/// @tparam T  the type of the response; `void` for none.
template <class T>
class command : private query<T> { // A query would not be sent when destroyed.
public:
  using query<T>::query;
  using query<T>::default_timeout;
  using query<T>::then;
  using query<T>::get;

  command(command&&) noexcept = default;

  /// Sends the command, unless it has been sent.
  ~command() {
    if (this->whom_)
      caf::anon_send(this->whom_, std::move(this->what_));
  }
};

} // namespace troupe
