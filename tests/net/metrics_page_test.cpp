#define CAF_SUITE net.metrics_page

#include "net/metrics_page.hpp"

#include "caf/test/dsl.hpp"

#include "net/support/socket_stage.hpp"
#include "support/contains.hpp"
#include "troupe/cluster.hpp"

#include <string>

using namespace troupe;
using namespace troupe::test;

namespace {

/// Returns the value of a metric with its labels, or -1.
double value(const std::string& text, const std::string& name) {
  auto pos = text.find('\n' + name + ' ');
  return pos == text.npos ? -1 : std::stod(text.substr(pos + name.size() + 2));
}

struct fixture : socket_stage {
  fixture() : node{sys, {}} {
    CAF_REQUIRE(!routes.add(
      "/metrics", make_metrics_page(sys, {node.handle(), {{"/ws", ws}}, [this] {
                                            return door->clients().stats();
                                          }})));
    ws->echoes = true;
    open();
  }

  std::string scrape() const {
    client peer{port};
    return peer.get("/metrics");
  }

  cluster node;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(metrics_page_tests, fixture)

CAF_TEST(the page has the type that Prometheus expects) {
  auto reply = scrape();
  CAF_CHECK_EQUAL(status(reply), "200");
  CAF_CHECK_EQUAL(field(reply, "Content-Type"),
                  "text/plain; version=0.0.4; charset=utf-8");
  CAF_CHECK(contains(reply, "troupe_build_info{version=\""));
}

CAF_TEST(endpoints are counted by path) {
  ws->numbers = {.connections_opened = 5, .connections_closed = 2};
  auto text = scrape();
  CAF_CHECK_EQUAL(value(text, "troupe_connections{endpoint=\"/ws\"}"), 3);
  CAF_CHECK_EQUAL(
    value(text, "troupe_connections_opened_total{endpoint=\"/ws\"}"), 5);
}

CAF_TEST(threads count bytes and messages and turns) {
  auto total = [](const std::string& text, const std::string& name) {
    return value(text, name + "{thread=\"0\"}")
           + value(text, name + "{thread=\"1\"}");
  };
  auto peer = connect();
  auto before = scrape();
  peer.send_text(std::string(1000, 'x'));
  peer.read_message();
  auto after = scrape();
  auto grown = [&](const std::string& name) {
    return total(after, name) - total(before, name);
  };
  CAF_CHECK(grown("troupe_received_bytes_total") >= 1008);
  CAF_CHECK(grown("troupe_sent_bytes_total") >= 1004);
  CAF_CHECK_EQUAL(grown("troupe_messages_sent_total"), 1);
  CAF_CHECK(grown("troupe_turn_duration_seconds_count") >= 1);
}

CAF_TEST(drops have a reason) {
  ws->numbers = {.messages_dropped = 7,
                 .backlog_dropped = 3,
                 .messages_conflated = 2,
                 .output_dropped = 1};
  auto text = scrape();
  auto drops = [&](const std::string& reason) {
    return value(text,
                 "troupe_messages_dropped_total{endpoint=\"/ws\",reason=\""
                   + reason + "\"}");
  };
  CAF_CHECK_EQUAL(drops("queue"), 4);
  CAF_CHECK_EQUAL(drops("backlog"), 3);
  CAF_CHECK_EQUAL(drops("conflated"), 2);
  CAF_CHECK_EQUAL(drops("output"), 1);
}

CAF_TEST(the begin and the end of connections are counted by kind) {
  auto peer = connect();
  client stranger{port};
  CAF_CHECK_EQUAL(
    status(stranger.upgrade("/ws", "Origin: http://elsewhere.example\r\n")),
    "403");
  peer.send_close(1000);
  wait_for_close();
  auto text = scrape();
  auto handshakes = [&](const std::string& result) {
    return value(text, "troupe_handshakes_total{result=\"" + result + "\"}");
  };
  CAF_CHECK_EQUAL(handshakes("accepted"), 1);
  CAF_CHECK_EQUAL(handshakes("origin"), 1);
  CAF_CHECK_EQUAL(handshakes("invalid"), 0);
  CAF_CHECK_EQUAL(
    value(text, "troupe_closes_total{code=\"1000\",by=\"client\"}"), 1);
  CAF_CHECK_EQUAL(
    value(text, "troupe_closes_total{code=\"1000\",by=\"server\"}"), 0);
}

CAF_TEST(the port counts what it accepts) {
  auto text = scrape();
  CAF_CHECK_EQUAL(value(text, "troupe_sockets_accepted_total"), 1);
  CAF_CHECK_EQUAL(
    value(text, "troupe_sockets_refused_total{reason=\"limits\"}"), 0);
  CAF_CHECK_EQUAL(value(text, "troupe_requests_refused_total{reason=\"host\"}"),
                  0);
  CAF_CHECK(value(text, "troupe_actors") >= 1);
}

CAF_TEST(the process has the usual metrics) {
  auto text = scrape();
  CAF_CHECK(value(text, "process_cpu_seconds_total") > 0);
  CAF_CHECK(value(text, "process_resident_memory_bytes") > 1e6);
  CAF_CHECK(value(text, "process_open_fds") > 3);
  CAF_CHECK(value(text, "process_max_fds") > value(text, "process_open_fds"));
  auto now = static_cast<double>(::time(nullptr));
  auto start = value(text, "process_start_time_seconds");
  CAF_CHECK(start <= now + 1);
  CAF_CHECK(start > now - 600);
}

CAF_TEST_FIXTURE_SCOPE_END()
