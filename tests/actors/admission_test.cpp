#define CAF_SUITE actors.admission

#include "actors/cluster/admission.hpp"

#include "support/log_watch.hpp"

using namespace troupe::actors;

namespace {

struct fixture : troupe::test::log_watch {
  fixture() {
    msg.cluster = "home";
    msg.protocol = admission::protocol();
    msg.node = "other";
  }

  bool objects(const std::string& why) {
    return rules.objection(msg).find(why) != std::string::npos;
  }

  hello msg;
  admission rules{"home", "me"};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(admission_tests, fixture)

CAF_TEST(a node of the same cluster and protocol may join) {
  CAF_CHECK_EQUAL(rules.objection(msg), "");
  msg.protocol = "troupe/0";
  CAF_CHECK(objects("it speaks troupe/0"));
  msg.cluster = "elsewhere";
  CAF_CHECK(objects("it belongs to cluster \"elsewhere\""));
}

CAF_TEST(a node needs a name of its own) {
  msg.node = "me";
  CAF_CHECK(objects("is taken"));
  msg.node = "";
  CAF_CHECK(objects("is taken"));
}

CAF_TEST(a refusal is logged once for each reason) {
  watch_log();
  rules.log_refusal("a:1", "it is late");
  rules.log_refusal("a:1", "it is late");
  rules.log_refusal("b:1", "it is late");
  rules.log_refusal("a:1", "it is early");
  CAF_CHECK_EQUAL(count_logged("refused node at a:1: it is late"), 1u);
  CAF_CHECK_EQUAL(count_logged("refused node at b:1: it is late"), 1u);
  CAF_CHECK_EQUAL(count_logged("refused node at a:1: it is early"), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
