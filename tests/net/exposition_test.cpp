#define CAF_SUITE net.exposition

#include "net/metrics/exposition.hpp"

#include "caf/test/dsl.hpp"

#include <array>
#include <limits>

using troupe::net::exposition;

CAF_TEST(values have the format of Prometheus) {
  exposition x;
  x.add_counter("some_total", "Some.", 3, {{"by", "a"}});
  x.add_gauge("level", "A level.", -1.5);
  x.add_counter("some_total", "Some.", 4, {{"by", "b"}});
  CAF_CHECK_EQUAL(x.text(),
                  "# HELP some_total Some.\n"
                  "# TYPE some_total counter\n"
                  "some_total{by=\"a\"} 3\n"
                  "some_total{by=\"b\"} 4\n"
                  "# HELP level A level.\n"
                  "# TYPE level gauge\n"
                  "level -1.5\n");
}

CAF_TEST(labels are escaped) {
  exposition x;
  x.add_gauge("level", "A level.", 1, {{"path", "/a\"b\\c\nd"}});
  CAF_CHECK(x.text().ends_with("level{path=\"/a\\\"b\\\\c\\nd\"} 1\n"));
}

CAF_TEST(histograms are cumulative) {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  std::array<exposition::bucket, 3> buckets{{{0.5, 2}, {1, 0}, {infinity, 1}}};
  exposition x;
  x.add_histogram("time_seconds", "Time.", buckets, 4.5);
  CAF_CHECK_EQUAL(x.text(),
                  "# HELP time_seconds Time.\n"
                  "# TYPE time_seconds histogram\n"
                  "time_seconds_count 3\n"
                  "time_seconds_sum 4.5\n"
                  "time_seconds_bucket{le=\"0.5\"} 2\n"
                  "time_seconds_bucket{le=\"1\"} 2\n"
                  "time_seconds_bucket{le=\"+Inf\"} 3\n");
}

CAF_TEST(large counters are exact) {
  exposition x;
  x.add_counter("some_total", "Some.", 9007199254740991);
  CAF_CHECK(x.text().ends_with("some_total 9007199254740991\n"));
}
