#define CAF_SUITE wire.id

#include "troupe/id.hpp" // the header under test

#include <caf/test/unit_test.hpp>

using namespace troupe;

namespace {

const std::string uuid = "01234567-89ab-4cde-8f01-23456789abcd";

} // namespace

CAF_TEST(C1 a default id tells its node) {
  auto id = uuid + "@0a1b2c3d";
  CAF_CHECK_EQUAL(node_of(id), "0a1b2c3d");
  CAF_CHECK_EQUAL(static_cast<const void*>(node_of(id).data()), &id[37]);
}

CAF_TEST(C1 other ids tell none) {
  for (const auto& id :
       {std::string{}, uuid, uuid + "@", uuid + "@0a1b2c3", uuid + "@0a1b2c3d4",
        uuid + "@0A1B2C3D", uuid + "@0a1b2c3g", uuid + "#0a1b2c3d",
        "x" + uuid.substr(1) + "@0a1b2c3d",
        "0" + uuid.substr(1, 7) + "0" + uuid.substr(9) + "@0a1b2c3d",
        std::string{"alice@0a1b2c3d"}, std::string{"alice@example.org"},
        std::string(36, '-') + "@0a1b2c3d"})
    CAF_CHECK_EQUAL(node_of(id), "");
}

CAF_TEST(C1 a node has one name everywhere and another one than others) {
  caf::node_id::default_data::host_id_type host{};
  auto a = caf::make_node_id(1, host);
  auto b = caf::make_node_id(2, host);
  CAF_CHECK_EQUAL(node_name(a), node_name(caf::make_node_id(1, host)));
  CAF_CHECK_NOT_EQUAL(node_name(a), node_name(b));
  auto id = uuid + '@' + node_name(a); // outlives what points into it
  CAF_CHECK_EQUAL(node_of(id), node_name(a));
}
