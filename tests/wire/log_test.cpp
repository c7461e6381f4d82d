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
