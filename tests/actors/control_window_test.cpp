#define CAF_SUITE actors.control_window

#include "actors/cluster/control_window.hpp"

#include "actors/bridges.hpp"
#include "troupe/messages.hpp"

#include <caf/test/unit_test.hpp>

using namespace troupe;
using namespace troupe::actors;

namespace {

struct fixture {
  /// @returns how many messages of this size the window admits.
  size_t fill(size_t size) {
    size_t count = 0;
    for (; window.is_open(); ++count)
      window.sent(size, {});
    return count;
  }

  /// The number of small messages that the window admits in any case.
  static constexpr size_t most_messages = 256;

  static constexpr size_t most_bytes = control_window::least_bytes;

  std::shared_ptr<bridge_counters> counters
    = std::make_shared<bridge_counters>();
  control_window window{counters};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(control_window_tests, fixture)

CAF_TEST(so many messages are under way) {
  CAF_CHECK_EQUAL(fill(10), most_messages);
  window.done(3, {});
  CAF_CHECK_EQUAL(fill(10), 3u);
  window.done(3, {}); // repeats an earlier count
  CAF_CHECK_EQUAL(fill(10), 0u);
  window.done(most_messages + 3, {});
  CAF_CHECK_EQUAL(fill(10), most_messages);
}

CAF_TEST(so many bytes are under way) {
  CAF_CHECK_EQUAL(fill(most_bytes / 2), 2u);
  window.done(2, {});
  CAF_CHECK_EQUAL(fill(2 * most_bytes), 1u);
  window.done(3, {});
  CAF_CHECK_EQUAL(fill(10), most_messages);
}

CAF_TEST(more than was sent cannot be read) {
  window.done(1000, {});
  CAF_CHECK_EQUAL(fill(10), most_messages);
  window.done(1000, {});
  CAF_CHECK_EQUAL(fill(10), most_messages);
}

CAF_TEST(what is long counts) {
  std::string name(200, 'x');
  auto fits = [](size_t size, size_t least) {
    CAF_CHECK_GREATER_OR_EQUAL(size, least);
    CAF_CHECK_LESS(size, least + 1000);
  };
  fits(size_of(interest_update{1, true, {name, name}, {name}}), 600);
  fits(
    size_of(event_report{caf::make_message(msg::connection_up{name, nullptr})}),
    200);
  fits(size_of(
         event_report{caf::make_message(msg::connection_down{name, {}, ""})}),
       200);
  auto text = frame::text(std::string(5000, 'x'));
  fits(size_of(question{1, caf::make_message(msg::total_connections{})}), 10);
  fits(size_of(question{1, caf::make_message(forward_local{
                             name, caf::make_message(msg::emit{text})})}),
       5200);
  fits(size_of(answer{1, caf::make_message(uint64_t{7}), {}}), 10);
  std::vector<connection_info> all(100, {name, nullptr});
  CAF_CHECK_GREATER(size_of(answer{1, caf::make_message(all), {}}), 20000u);
}

CAF_TEST_FIXTURE_SCOPE_END()
