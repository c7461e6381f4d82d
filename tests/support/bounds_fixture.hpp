#pragma once

#include "support/fixture.hpp"

namespace troupe::test {

/// A server whose limits a test sets and whose counters it reads.
struct bounds_fixture : fixture {
  config& settings() {
    return server.core->settings;
  }

  actors::counters& stats() {
    return server.core->stats;
  }
};

} // namespace troupe::test
