#define CAF_SUITE actors.client_backoff

#include "actors/client/client_backoff.hpp"

#include "caf/test/dsl.hpp"

#include <algorithm>
#include <initializer_list>

using namespace troupe;
using namespace troupe::actors;
using namespace std::chrono_literals;

namespace {

/// Returns whether waits are within the bounds and fill most of the range.
bool is_spread(client_backoff& x, close_code code, size_t attempts,
               caf::timespan least, caf::timespan most) {
  auto low = caf::timespan::max();
  auto high = caf::timespan{0};
  for (auto i = 0; i < 1000; ++i) {
    auto wait = x.wait(code, attempts);
    low = std::min(low, wait);
    high = std::max(high, wait);
  }
  auto tenth = (most - least) / 10;
  return low >= least && low <= least + tenth && high <= most
         && high >= most - tenth;
}

} // namespace

CAF_TEST(the bound doubles up to its maximum) {
  client_backoff x{500ms, 30s};
  auto code = close_code::abnormal;
  CAF_CHECK(is_spread(x, code, 0, 0s, 500ms));
  CAF_CHECK(is_spread(x, code, 1, 0s, 1s));
  CAF_CHECK(is_spread(x, code, 5, 0s, 16s));
  CAF_CHECK(is_spread(x, code, 6, 0s, 30s));
  CAF_CHECK(is_spread(x, code, 1'000'000'000, 0s, 30s));
}

CAF_TEST(servers that ask for a pause get one) {
  client_backoff x{500ms, 30s};
  for (auto code : {close_code::service_restart, close_code::try_again_later})
    CAF_CHECK(is_spread(x, code, 0, 5s, 30s));
  client_backoff hasty{1ms, 2s};
  CAF_CHECK(hasty.wait(close_code::try_again_later, 0) == 2s);
}

CAF_TEST(some codes pass and all others are final) {
  for (auto code : {1001, 1006, 1011, 1012, 1013, 1014})
    CAF_CHECK(client_backoff::is_passing(static_cast<close_code>(code)));
  for (auto code : {1000, 1002, 1003, 1005, 1007, 1008, 1009, 3000, 4999})
    CAF_CHECK(!client_backoff::is_passing(static_cast<close_code>(code)));
}
