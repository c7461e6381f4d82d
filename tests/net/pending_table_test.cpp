#define CAF_SUITE net.pending_table

#include "net/runtime/pending_table.hpp" // the header under test

#include <caf/test/unit_test.hpp>

#include <list>
#include <string>
#include <vector>

using namespace troupe::net;

namespace {

constexpr auto alice = address_key{1};
constexpr auto bob = address_key{2};
constexpr auto carol = address_key{3};

using names = std::vector<std::string>;

struct fixture {
  pending_table table;
  std::list<pending_table::entry> entries;
  names closed;

  pending_table::entry& add(std::string name, address_key from,
                            pending_table::limits most) {
    auto& result = entries.emplace_back();
    table.add(
      result, from, [this, name] { closed.push_back(name); }, most);
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pending_table_tests, fixture)

CAF_TEST(within the limits nobody is closed) {
  for (auto x : {"a", "b", "c"})
    add(x, alice, {.all = 3, .of_address = 3});
  CAF_CHECK(closed.empty());
}

CAF_TEST(the oldest of an address gives way to its next) {
  add("bob", bob, {.all = 9, .of_address = 2});
  for (auto x : {"a", "b", "c", "d"})
    add(x, alice, {.all = 9, .of_address = 2});
  CAF_CHECK_EQUAL(closed, (names{"a", "b"}));
}

CAF_TEST(the oldest of the fullest address gives way to others) {
  add("bob", bob, {.all = 4});
  for (auto x : {"a", "b", "c"})
    add(x, alice, {.all = 4});
  add("carol", carol, {.all = 4});
  CAF_CHECK_EQUAL(closed, names{"a"});
  add("bob 2", bob, {.all = 4});
  CAF_CHECK_EQUAL(closed.size(), 2u);
}

CAF_TEST(whose request is complete makes room) {
  auto& first = add("a", alice, {.all = 2, .of_address = 2});
  add("b", alice, {.all = 2, .of_address = 2});
  first.remove();
  first.remove();
  add("c", alice, {.all = 2, .of_address = 2});
  CAF_CHECK(closed.empty());
  entries.pop_back();
  add("d", alice, {.all = 2, .of_address = 2});
  CAF_CHECK(closed.empty());
  add("e", alice, {.all = 2, .of_address = 2});
  CAF_CHECK_EQUAL(closed, names{"b"});
}

CAF_TEST(connections without an address are bounded together) {
  for (auto x : {"a", "b", "c"})
    add(x, address_key::none, {.all = 3, .of_address = 1});
  CAF_CHECK(closed.empty());
  add("d", address_key::none, {.all = 3, .of_address = 1});
  CAF_CHECK_EQUAL(closed, names{"a"});
}

CAF_TEST_FIXTURE_SCOPE_END()
