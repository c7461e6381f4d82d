#pragma once

#include <stdexcept>

namespace troupe::bench {

/// The server has violated a guarantee. Ends the run with exit code 1.
struct violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The server has closed a connection.
struct ended : violation {
  using violation::violation;
};

} // namespace troupe::bench
