#pragma once

#include "troupe/decision.hpp"
#include "troupe/one_shot.hpp"
#include "troupe/request.hpp"

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {

/// A response to an HTTP request.
struct response {
  std::string body = {};
  std::string type = "text/plain; charset=utf-8"; ///< The Content-Type.
  unsigned status = 200; ///< 200 to 599; 204 and 304 have no body.
  std::vector<header_field> fields = {}; ///< Further header fields.
};

/// A handle by which a handler responds to one request, at once or later and on
/// any thread. Copies are handles to the same request; only the first response
/// has an effect. When the last copy is destroyed without a response, the
/// client gets 500. May be sent to actors of the same process.
class http_responder {
public:
  /// Creates a handle without a request, which ignores calls.
  http_responder() = default;

  /// Creates an http_responder. Programs need this for tests only.
  /// @param deliver  receives the response, once, on the thread that responds.
  ///                 Must not throw.
  /// @param client   exists as long as the client waits.
  http_responder(std::function<void(response)> deliver,
                 std::weak_ptr<const void> client)
    : give_{std::move(deliver), std::move(client),
            response{.body = "no response\n", .status = 500}} {
  }

  /// Responds to the request.
  void send(response x) const {
    give_(std::move(x));
  }

  /// Returns whether the client has gone or its time is over.
  bool is_gone() const noexcept {
    return give_.is_gone();
  }

private:
  one_shot<response> give_;
};

/// Responds to requests.
using http_handler = std::function<void(const request&, http_responder)>;

/// Returns `f` as a handler.
/// @param f  takes a `const request&` and returns a `response`, or takes a
///           `const request&` and an `http_responder`, which it may use later.
template <class F>
http_handler make_http_handler(F f) {
  if constexpr (std::is_invocable_r_v<response, F&, const request&>) {
    return
      [f = std::move(f)](const request& x, const http_responder& to) mutable {
        to.send(f(x));
      };
  } else {
    constexpr auto fits
      = std::is_invocable_v<F&, const request&, http_responder>;
    static_assert(fits,
                  "A handler takes a const request& and returns a "
                  "response, or takes a const request& and an http_responder.");
    if constexpr (fits)
      return http_handler{std::move(f)};
  }
}

} // namespace troupe
