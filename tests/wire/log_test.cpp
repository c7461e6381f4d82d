#define CAF_SUITE wire.log

#include "troupe/log.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

CAF_TEST(a peer cannot forge lines of the log) {
  std::string line;
  troupe::set_log_sink([&](auto, std::string_view x) { line = x; });
  troupe::log(troupe::log_level::error, "bye\r\n2026 error\x1b[31m\xc3\xa4");
  troupe::set_log_sink(nullptr);
  CAF_CHECK_EQUAL(line, "bye??2026 error?[31m\xc3\xa4");
}

CAF_TEST(what is logged can be asked) {
  using troupe::log_level;
  troupe::set_log_level(log_level::warning);
  CAF_CHECK(!troupe::is_logged(log_level::info));
  CAF_CHECK(troupe::is_logged(log_level::warning));
  troupe::set_log_level(log_level::info);
  CAF_CHECK(troupe::is_logged(log_level::info));
}
