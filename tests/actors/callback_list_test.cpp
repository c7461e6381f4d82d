#define CAF_SUITE actors.callback_list

#include "actors/callback_list.hpp"

#include <caf/test/unit_test.hpp>

#include <functional>
#include <string>

using troupe::actors::callback_list;

namespace {

struct fixture {
  callback_list<std::function<void()>> list;
  std::string notes;

  void add(const std::string& x) {
    list.add([this, x] { notes += x; });
  }

  void call() {
    list.for_each([](auto& f) { f(); });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(callback_list_tests, fixture)

CAF_TEST(callbacks are called in the order of their registration) {
  CAF_CHECK(list.empty());
  call();
  CAF_CHECK_EQUAL(notes, "");
  for (auto x : {"a", "b", "c"})
    add(x);
  CAF_CHECK(!list.empty());
  call();
  CAF_CHECK_EQUAL(notes, "abc");
}

CAF_TEST(a callback that is added by another one waits for the next call) {
  add("a");
  list.add([this] { add("new "); });
  add("b ");
  call();
  CAF_CHECK_EQUAL(notes, "ab ");
  call();
  CAF_CHECK_EQUAL(notes, "ab ab new ");
}

CAF_TEST(an empty list is as large as a pointer) {
  CAF_CHECK_EQUAL(sizeof(list), sizeof(void*));
}

CAF_TEST_FIXTURE_SCOPE_END()
