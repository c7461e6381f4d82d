#define CAF_SUITE actors.link_counters

#include "actors/cluster/link_counters.hpp"

#include <caf/test/unit_test.hpp>

using troupe::node_info;
using troupe::actors::link_counters;

namespace {

uint64_t sent_to(const link_counters& all, const std::string& address) {
  node_info info;
  info.address = address;
  all.fill(info);
  return info.sent;
}

} // namespace

CAF_TEST(counters go on as long as their address is used or sought) {
  link_counters all;
  auto used = all.get("a:1", {});
  used->sent = 1;
  all.get("b:1", {})->sent = 2;
  all.get("c:1", {"b:1"});
  CAF_CHECK(all.get("a:1", {"b:1"}) == used);
  CAF_CHECK_EQUAL(sent_to(all, "a:1"), 1u);
  CAF_CHECK_EQUAL(sent_to(all, "b:1"), 2u);
  all.get("a:1", {});
  CAF_CHECK_EQUAL(sent_to(all, "b:1"), 0u);
  CAF_CHECK_EQUAL(all.get("b:1", {})->sent, 0u);
}

CAF_TEST(a node without counters has none) {
  link_counters all;
  CAF_CHECK_EQUAL(sent_to(all, "a:1"), 0u);
}
