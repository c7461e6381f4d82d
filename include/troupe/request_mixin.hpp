#pragma once

#include "troupe/event_type.hpp"
#include "troupe/reply_handler.hpp"

#include <caf/timespan.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <type_traits>
#include <utility>

namespace troupe {

/// Adds `request` to a class that has a member function
/// `void ask_wire(std::string_view event, const wire_value& data,
/// detail::reply_handler<Owner> f, caf::timespan timeout)`. The class says what
/// the outcomes are.
/// @tparam Owner  whose callbacks are called: `connection` or `ws_client`.
template <class Derived, class Owner>
class request_mixin {
public:
  /// Time limit for an answer unless the call states another one.
  static constexpr caf::timespan default_timeout = std::chrono::seconds{10};

  /// Sends a request and calls `f` exactly once, with the answer or a refusal,
  /// as a callback of the `Owner`.
  /// @tparam A       what a handler may take (see handler.hpp) and can be kept,
  ///                 or `void` for an answer without a value. An answer that is
  ///                 no `A` is passed to `f` as the refusal `invalid`.
  /// @param event    the name of the event.
  /// @param data     the value of the request.
  /// @param f        takes a `reply<A>`, optionally preceded by an `Owner&`,
  ///                 and returns nothing.
  /// @param timeout  after this time, the request has failed; its answer is
  ///                 ignored. More than 0, at most 365 days.
  template <class A = nlohmann::json, class Q, class F>
  void request(std::string_view event, const Q& data, F f,
               caf::timespan timeout = default_timeout) {
    ask<A>(event, to_wire(data), std::move(f), timeout);
  }

  /// Does the same with the types of `event`.
  template <class Q, class A, class F>
  void request(request_type<Q, A> event, const std::type_identity_t<Q>& data,
               F f, caf::timespan timeout = default_timeout) {
    ask<A>(event.name(), to_wire(data), std::move(f), timeout);
  }

  /// Does the same for a request without data.
  template <class A, class F>
  void request(request_type<void, A> event, F f,
               caf::timespan timeout = default_timeout) {
    ask<A>(event.name(), to_wire(), std::move(f), timeout);
  }

private:
  template <class A, class F>
  void ask(std::string_view event, const wire_value& data, F f,
           caf::timespan timeout) {
    static_cast<Derived&>(*this).ask_wire(
      event, data, detail::make_reply_handler<Owner, A>(std::move(f)),
      std::min(timeout, max_request_timeout));
  }
};

} // namespace troupe
