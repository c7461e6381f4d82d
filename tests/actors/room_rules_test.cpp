#define CAF_SUITE actors.room_rules

#include "actors/room_rules.hpp"

#include <caf/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

using namespace troupe;
using actors::room_rules;

namespace {

/// Options by which a test knows a pattern again: whether clients publish.
constexpr auto loud = true;
constexpr auto quiet = false;

bool is_loud(const room_rules& rules, std::string_view room) {
  auto x = rules.find(room);
  CAF_REQUIRE(x != nullptr);
  return x->clients_publish;
}

/// Options with a function that refers to `x`.
room_options referring_to(std::shared_ptr<const void> x) {
  return {.on_join = [x = std::move(x)](connection&, const std::string&,
                                        const event_view&) {
    return nlohmann::json{};
  }};
}

/// Calls a function when it is destroyed.
std::shared_ptr<const void> at_end(std::function<void()> f) {
  return {nullptr, [f = std::move(f)](const void*) { f(); }};
}

} // namespace

CAF_TEST(a pattern is a name or a prefix) {
  room_rules rules;
  rules.add("tea", {});
  rules.add("open/*", {});
  for (auto room : {"tea", "open/", "open/1"})
    CAF_CHECK(rules.find(room) != nullptr);
  for (auto room : {"", "te", "teas", "open", "Open/1"})
    CAF_CHECK(rules.find(room) == nullptr);
}

CAF_TEST(the name of a room counts before prefixes) {
  for (auto room : {"open/", "open/1", "open/12"}) {
    room_rules rules;
    rules.add("open/*", {.clients_publish = loud});
    rules.add(room, {.clients_publish = quiet});
    rules.add("*", {.clients_publish = loud});
    CAF_CHECK_EQUAL(is_loud(rules, room), quiet);
    CAF_CHECK_EQUAL(is_loud(rules, "open/other"), loud);
  }
}

CAF_TEST(the longest prefix counts) {
  room_rules rules;
  rules.add("*", {.clients_publish = quiet});
  rules.add("open/a*", {.clients_publish = quiet});
  rules.add("open/*", {.clients_publish = loud});
  CAF_CHECK_EQUAL(is_loud(rules, "open/a1"), quiet);
  CAF_CHECK_EQUAL(is_loud(rules, "open/1"), loud);
  CAF_CHECK_EQUAL(is_loud(rules, "closed"), quiet);
}

CAF_TEST(options replace those of the same pattern) {
  room_rules rules;
  rules.add("tea", {.clients_publish = loud});
  rules.add("tea", {.clients_publish = quiet});
  CAF_CHECK_EQUAL(is_loud(rules, "tea"), quiet);
  rules.clear();
  CAF_CHECK(rules.find("tea") == nullptr);
}

CAF_TEST(what is dropped may use the table while it is destroyed) {
  room_rules rules;
  auto count = 0;
  auto use = [&] {
    rules.find("tea");
    ++count;
  };
  rules.add("tea", referring_to(at_end(use)));
  rules.add("tea", referring_to(at_end(use)));
  CAF_CHECK_EQUAL(count, 1);
  rules.clear();
  CAF_CHECK_EQUAL(count, 2);
}
