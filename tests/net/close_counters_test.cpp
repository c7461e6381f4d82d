#define CAF_SUITE net.close_counters

#include "net/runtime/close_counters.hpp"

#include "caf/test/dsl.hpp"

#include <map>
#include <string>
#include <utility>

using namespace troupe;

namespace {

std::map<std::pair<std::string, bool>, uint64_t>
counts(const net::close_counters& x) {
  std::map<std::pair<std::string, bool>, uint64_t> result;
  x.for_each([&](const std::string& name, bool by_peer, uint64_t n) {
    CAF_CHECK((result.emplace(std::pair{name, by_peer}, n).second));
  });
  return result;
}

close_code code(int x) {
  return static_cast<close_code>(x);
}

} // namespace

CAF_TEST(ends are counted by code and by who closes) {
  net::close_counters x;
  x.add(close_code::normal, true);
  x.add(close_code::normal, true);
  x.add(close_code::normal, false);
  x.add(close_code::try_again_later, false);
  auto all = counts(x);
  CAF_CHECK_EQUAL((all[{"1000", true}]), 2u);
  CAF_CHECK_EQUAL((all[{"1000", false}]), 1u);
  CAF_CHECK_EQUAL((all[{"1013", false}]), 1u);
  CAF_CHECK_EQUAL((all[{"1013", true}]), 0u);
}

CAF_TEST(codes that clients choose freely share three classes) {
  net::close_counters x;
  for (auto i = 0; i < 65536; ++i)
    x.add(code(i), true);
  auto all = counts(x);
  CAF_CHECK_EQUAL(all.size(), 34u);
  CAF_CHECK_EQUAL((all[{"3xxx", true}]), 1000u);
  CAF_CHECK_EQUAL((all[{"4xxx", true}]), 1000u);
  CAF_CHECK_EQUAL((all[{"other", true}]), 65536u - 2000 - 14);
}
