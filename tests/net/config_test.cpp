#define CAF_SUITE net.config

#include "troupe/config.hpp" // the header under test

#include "troupe/error.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

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
  for (auto field :
       {&config::handshake_timeout, &config::write_timeout,
        &config::ping_period, &config::pong_timeout, &config::close_timeout})
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

CAF_TEST(C12 buffers have their edges) {
  for (auto field : {&config::read_buffer_size, &config::write_buffer_size}) {
    CAF_CHECK_EQUAL(with(field, size_t{256}), "fine");
    CAF_CHECK_EQUAL(with(field, size_t{1} << 24), "fine");
    CAF_CHECK(with(field, size_t{255}).starts_with(invalid));
    CAF_CHECK(with(field, (size_t{1} << 24) + 1).starts_with(invalid));
  }
  CAF_CHECK_EQUAL(with(&config::read_buffer_size, size_t{0}),
                  invalid
                    + "read_buffer_size is 0, but must be 256 to 16777216");
}

CAF_TEST(C13 levels of compression are those of deflate) {
  for (auto good : {1, 9})
    CAF_CHECK_EQUAL(with(&config::compression_level, good), "fine");
  CAF_CHECK(with(&config::compression_level, 10).starts_with(invalid));
  CAF_CHECK_EQUAL(with(&config::compression_level, 0),
                  invalid + "compression_level is 0, but must be 1 to 9");
}

CAF_TEST(C14 subprotocols are tokens and there once) {
  using list = std::vector<std::string>;
  auto with_list = [](list xs) { return with(&config::subprotocols, xs); };
  CAF_CHECK_EQUAL(with_list({"chat", "Chat", "v1.x~*"}), "fine");
  for (std::string bad :
       {"", "a b", "a,b", "a;b", "\"a\"", "a\r\nb", "\xc3\xbc"})
    CAF_CHECK(with_list({"fine", bad}).starts_with(invalid));
  CAF_CHECK_EQUAL(with_list({"a b"}),
                  invalid
                    + "an entry of subprotocols is \"a b\", but must be a "
                      "token: letters, digits and !#$%&'*+-.^_`|~");
  CAF_CHECK_EQUAL(with_list({"a", "b", "a"}),
                  invalid
                    + "an entry of subprotocols is \"a\", but must be there "
                      "once");
}

CAF_TEST(C4 allowed origins are origins) {
  using list = std::vector<std::string>;
  CAF_CHECK_EQUAL(with(&config::allowed_origins,
                       list{"http://a:1", "https://*.example.org"}),
                  "fine");
  CAF_CHECK_EQUAL(with(&config::allowed_origins, list{"http://a", "b.org"}),
                  invalid
                    + "an entry of allowed_origins is \"b.org\", but must be "
                      "like https://example.org, https://example.org:8443 or "
                      "https://*.example.org");
}

CAF_TEST(what is none of the choices is refused) {
  CAF_CHECK_EQUAL(with(&config::on_overflow, static_cast<overflow>(4)),
                  invalid
                    + "on_overflow is 4, but must be one of its enumerators");
  CAF_CHECK(with(&config::on_id_conflict, static_cast<id_conflict>(2))
              .starts_with(invalid));
}

CAF_TEST(C15 the defaults of the original are valid settings) {
  auto cfg = seed_compat();
  CAF_CHECK_EQUAL(cfg.validate(), caf::none);
  CAF_CHECK_EQUAL(cfg.event_prefix, "m:");
  CAF_CHECK_EQUAL(cfg.binary_messages, false);
  CAF_CHECK(cfg.subprotocols.empty());
  CAF_CHECK_EQUAL(cfg.enable_compression, false);
  CAF_CHECK_EQUAL(cfg.compression_level, 1);
  CAF_CHECK_EQUAL(cfg.compression_threshold, 0u);
  CAF_CHECK_EQUAL(cfg.max_message_size, 1024u);
  CAF_CHECK_EQUAL(cfg.handshake_timeout, caf::timespan{365 * 24h});
  CAF_CHECK_EQUAL(cfg.write_timeout, caf::timespan{365 * 24h});
  CAF_CHECK_EQUAL(cfg.read_timeout, caf::timespan{0});
  CAF_CHECK_EQUAL(cfg.pong_timeout, caf::timespan{60s});
  CAF_CHECK_EQUAL(cfg.ping_period, caf::timespan{54s});
  CAF_CHECK_EQUAL(cfg.read_buffer_size, 4096u);
  CAF_CHECK_EQUAL(cfg.write_buffer_size, 4096u);
  CAF_CHECK(cfg.allow_any_origin);
  CAF_CHECK(!cfg.id_generator);
  handshake_error refused{403, "why"};
  cfg.on_handshake_error({}, refused);
  CAF_CHECK_EQUAL(refused.status, 503u);
  CAF_CHECK_EQUAL(refused.body, "why");
}

CAF_TEST_FIXTURE_SCOPE_END()
