#define CAF_SUITE net.config

#include "troupe/config.hpp" // the header under test

#include "troupe/error.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

struct fixture {};

const std::string invalid = std::string{to_string(errc::invalid_config)} + ": ";

/// The error that comes of setting `field` to `value`.
template <class Config, class T>
std::string with(T Config::*field, T value) {
  Config cfg;
  cfg.*field = std::move(value);
  auto err = cfg.validate();
  return err ? what(err) : "fine";
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(config_tests, fixture)

CAF_TEST(the defaults are valid) {
  CAF_CHECK_EQUAL(config{}.validate(), caf::none);
  CAF_CHECK_EQUAL(listener_config{}.validate(), caf::none);
}

CAF_TEST(an error names the setting and the value and the range) {
  CAF_CHECK_EQUAL(with(&config::max_message_size, size_t{0}),
                  invalid
                    + "max_message_size is 0, but must be 1 to 1073741824");
  CAF_CHECK_EQUAL(with(&config::ping_period, caf::timespan{-5s}),
                  invalid
                    + "ping_period is -5s, but must be more than 0 and at most "
                      "365 days");
  CAF_CHECK_EQUAL(with(&config::pong_timeout, caf::timespan{2500ms}),
                  invalid
                    + "pong_timeout is 2500ms, but must be more than "
                      "ping_period, 54s");
  CAF_CHECK_EQUAL(with(&config::max_queue_bytes, size_t{100}),
                  invalid
                    + "max_queue_bytes is 100, but must be at least "
                      "max_message_size, 65536");
}

CAF_TEST(every time span must be positive and bounded) {
  for (auto field : {&config::write_timeout, &config::ping_period,
                     &config::pong_timeout, &config::close_timeout})
    for (caf::timespan bad : {caf::timespan{0}, caf::timespan{-1},
                              caf::timespan{366 * 24h}, caf::timespan::max()})
      CAF_CHECK(with(field, bad).starts_with(invalid));
  for (auto field : {&listener_config::request_timeout,
                     &listener_config::keep_alive_timeout})
    for (caf::timespan bad : {caf::timespan{0}, caf::timespan{-1},
                              caf::timespan{366 * 24h}, caf::timespan::max()})
      CAF_CHECK(with(field, bad).starts_with(invalid));
}

CAF_TEST(a read time-out of zero means none) {
  CAF_CHECK_EQUAL(with(&config::read_timeout, caf::timespan{0}), "fine");
  CAF_CHECK_EQUAL(with(&config::read_timeout, caf::timespan{1s}), "fine");
  CAF_CHECK(
    with(&config::read_timeout, caf::timespan{-1}).starts_with(invalid));
}

CAF_TEST(limits of nothing are refused) {
  CAF_CHECK(with(&config::event_prefix, std::string{}).starts_with(invalid));
  CAF_CHECK(with(&config::max_queue_messages, size_t{0}).starts_with(invalid));
  CAF_CHECK(with(&config::inbound_credit, uint32_t{0}).starts_with(invalid));
  CAF_CHECK(with(&listener_config::host, std::string{}).starts_with(invalid));
}

CAF_TEST(limits have their edges) {
  constexpr size_t gib = size_t{1} << 30;
  config cfg;
  cfg.max_queue_bytes = gib;
  cfg.max_message_size = gib;
  CAF_CHECK_EQUAL(cfg.validate(), caf::none);
  cfg.max_queue_bytes = gib + 1;
  cfg.max_message_size = gib + 1;
  CAF_CHECK(cfg.validate() != caf::none);
  CAF_CHECK_EQUAL(with(&config::max_message_size, size_t{1}), "fine");
  CAF_CHECK_EQUAL(with(&listener_config::max_header_size, size_t{512}), "fine");
  CAF_CHECK(
    with(&listener_config::max_header_size, size_t{511}).starts_with(invalid));
}

CAF_TEST_FIXTURE_SCOPE_END()
