#pragma once

#include <stdexcept>
#include <string>

namespace troupe {

/// An exception that a handler of `listener::get` or `listener::post` throws
/// while it is called to respond with an error, as `request::json` does. It is
/// not logged, since the client is to blame.
class http_error : public std::runtime_error {
public:
  /// @param status  the status of the response, 400 to 599.
  /// @param why     the body of the response: plain text, UTF-8.
  http_error(unsigned status, const std::string& why)
    : std::runtime_error{why},
      status_{status} {
  }

  unsigned status() const noexcept {
    return status_;
  }

private:
  unsigned status_;
};

} // namespace troupe
