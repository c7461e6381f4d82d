#pragma once

#include <caf/timespan.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace troupe {

/// Which pages of other origins may send requests for a route and read its
/// responses (CORS; Fetch standard, section 3.2). Browsers ask first, by
/// OPTIONS, before they send what a form could not send; the listener answers.
struct cors {
  /// The origins, as for `config::allowed_origins`: `https://example.org`, or
  /// `https://*.example.org` for all subdomains. `*` for all, which is not
  /// allowed together with `credentials`, and neither is `null`.
  std::vector<std::string> origins = {};

  /// Whether these pages may send cookies and other credentials of the user.
  bool credentials = false;

  /// The header fields that requests may have besides those that browsers allow
  /// anyway. A JSON body needs `Content-Type`.
  std::vector<std::string> headers = {"Content-Type"};

  /// Time for which a browser need not ask again. At least 0; browsers have
  /// limits of their own, such as two hours.
  caf::timespan max_age = std::chrono::minutes{10};
};

} // namespace troupe
