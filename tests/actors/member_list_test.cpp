#define CAF_SUITE actors.member_list

#include "actors/member_list.hpp"

#include "support/fixture.hpp"

#include <random>

using namespace troupe;
using actors::member_list;

namespace {

using handles = std::vector<caf::actor>;

handles all_of(const member_list& xs) {
  handles res;
  xs.for_each([&](const actors::member& x) { res.push_back(x.handle); });
  return res;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(member_list_tests, test::fixture)

CAF_TEST(a list does what a vector would and copies stay as they were) {
  handles crowd;
  for (auto i = 0; i < 1000; ++i)
    crowd.push_back(sys.spawn<caf::lazy_init>([] {}));
  std::mt19937 random{1};
  member_list list;
  handles model;
  std::vector<std::pair<member_list, handles>> copies;
  for (auto i = 0; i < 5000; ++i) {
    if (model.empty() || random() % 5 < (i < 2500 ? 3 : 2)) {
      model.push_back(crowd[random() % crowd.size()]);
      list.add({model.back(), nullptr});
    } else {
      auto x = random() % model.size();
      model[x] = model.back();
      model.pop_back();
      list.remove(x);
    }
    CAF_REQUIRE_EQUAL(list.size(), model.size());
    if (i % 50 == 0) {
      copies.emplace_back(list, model);
      CAF_REQUIRE(all_of(list) == model);
    }
    if (!model.empty()) {
      auto x = random() % model.size();
      CAF_REQUIRE_EQUAL(list[x].handle, model[x]);
    }
  }
  for (const auto& [copy, then] : copies)
    CAF_CHECK(all_of(copy) == then);
  CAF_CHECK_GREATER(list.size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
