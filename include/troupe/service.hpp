#pragma once

#include "troupe/codec.hpp"
#include "troupe/handler.hpp"
#include "troupe/inspect.hpp"
#include "troupe/reply.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/timespan.hpp>
#include <caf/type_id.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

/// @file
///
/// Services: actors that answer requests of clients (`server::serve`). An actor
/// receives `msg::question` and responds with `msg::answer` or with an error:
///
///     caf::behavior adder() {
///       return {[](const troupe::msg::question& q)
///                 -> caf::result<troupe::msg::answer> {
///         auto xs = q.value<std::vector<int>>();
///         if (!xs)
///           return troupe::refuse_with(troupe::refuse("invalid"));
///         return troupe::answer_with(std::accumulate(xs->begin(), xs->end(),
///                                                    0));
///       }};
///     }

namespace troupe {

/// Settings of a service that an actor provides.
struct serve_options {
  /// Time limit for the answer to a request, including the time to find an
  /// actor by its name. A request without an answer in this time is refused
  /// with `timeout`. More than 0, at most 365 days.
  caf::timespan timeout = std::chrono::seconds{10};
};

} // namespace troupe

namespace troupe::msg {

/// A request of a client, or an event of a client. Sent to an actor that serves
/// it (`server::serve`): a request of a client as a request of CAF, to which
/// the actor responds; an event as a message without a sender, whose response
/// is dropped. Questions of one client about one event arrive in the order in
/// which the client has sent them.
struct question {
  std::string event;  ///< The name of the event.
  std::string client; ///< The id of the connection.
  /// The principal of the connection if that is a `std::string` (see
  /// `connection::principal`), else empty.
  std::string user;
  type_tag tag = type_tag::string;
  std::string payload; ///< As on the wire, from the client: may be invalid.

  /// Decodes the payload.
  /// @tparam T  what a handler may take (see handler.hpp). A `std::string_view`
  ///            and an `event_view` are valid as long as this object.
  /// @returns the value; errc::type_mismatch or errc::invalid_value if the
  ///          payload is no `T`.
  template <class T>
  [[nodiscard]] caf::expected<T> value() const {
    static_assert(troupe::detail::is_readable<T>(),
                  "T is none of the types that a handler may take.");
    T result{};
    if (auto err = troupe::detail::read({event, tag, payload}, result))
      return err;
    return result;
  }
};

/// The response to `question`: the answer to the request. See `answer_with`.
struct answer {
  type_tag tag = type_tag::string;
  std::string payload; ///< In wire format.
};

} // namespace troupe::msg

namespace troupe {

/// Returns an answer without a value.
[[nodiscard]] inline msg::answer answer_with() {
  return {};
}

/// Returns the answer `x`: any value that `emit` takes. The request is refused
/// with `failed` if `x` has no representation in JSON.
template <class T>
[[nodiscard]] msg::answer answer_with(const T& x) {
  auto value = to_wire(x);
  return {value.tag, std::move(value.payload)};
}

/// Returns the error by which an actor refuses a `msg::question`: an
/// errc::refused that contains `why`, which the client gets. After any other
/// error, the client gets the refusal `failed`, since the text of an error is
/// meant for the log.
[[nodiscard]] caf::error refuse_with(const refusal& why);

/// Returns what the client gets if an actor responds with `err` to a
/// `msg::question`: the refusal that `err` contains, or one with the code
/// `timeout` if the time is over, `unavailable` if the actor has terminated or
/// cannot be found, or `failed`.
refusal to_refusal(const caf::error& err);

} // namespace troupe

namespace troupe::msg {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, question& x) {
  auto tag = static_cast<uint8_t>(x.tag);
  auto store = [&]() -> caf::error {
    x.tag = static_cast<type_tag>(tag);
    return {};
  };
  return f(caf::meta::type_name("troupe::msg::question"), x.event, x.client,
           x.user, tag, x.payload, caf::meta::load_callback(store));
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, answer& x) {
  auto tag = static_cast<uint8_t>(x.tag);
  auto store = [&]() -> caf::error {
    x.tag = static_cast<type_tag>(tag);
    return {};
  };
  return f(caf::meta::type_name("troupe::msg::answer"), tag, x.payload,
           caf::meta::load_callback(store));
}

} // namespace troupe::msg

/// Type ids of the messages above. Append only, as in messages.hpp.
CAF_BEGIN_TYPE_ID_BLOCK(troupe_services, first_custom_type_id + 600)
  CAF_ADD_TYPE_ID(troupe_services, (troupe::msg::question))
  CAF_ADD_TYPE_ID(troupe_services, (troupe::msg::answer))
CAF_END_TYPE_ID_BLOCK(troupe_services)
