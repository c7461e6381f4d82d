#define CAF_SUITE net.runtime

#include "troupe/runtime.hpp" // the header under test

#include "net/runtime/scheduler.hpp"
#include "net/support/runtime_fixture.hpp"
#include "troupe/error.hpp"
#include "troupe/id.hpp"

#include <caf/actor_system.hpp>
#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::test;

namespace {

using list = std::vector<std::string>;

/// Returns what `f` prints to standard output.
template <class F>
std::string output_of(F f) {
  std::ostringstream out;
  auto* stdout_buffer = std::cout.rdbuf(out.rdbuf());
  f();
  std::cout.rdbuf(stdout_buffer);
  return out.str();
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(runtime_tests, runtime_fixture)

// -- sources of settings ------------------------------------------------------

CAF_TEST(without options the defaults hold) {
  CAF_CHECK_EQUAL(read({}), "fine");
  CAF_CHECK_EQUAL(cfg.http.host, "127.0.0.1");
  CAF_CHECK_EQUAL(cfg.http.port, 8080);
  CAF_CHECK_EQUAL(cfg.threads, 0u);
  CAF_CHECK_EQUAL(cfg.ws.ping_period, caf::timespan{54s});
}

CAF_TEST(options set every plain field) {
  CAF_CHECK_EQUAL(read({"--host=0.0.0.0",
                        "-p",
                        "9000",
                        "-t2",
                        "--ws.event-prefix=x:",
                        "--ws.binary-messages",
                        "--ws.max-message-size=1000",
                        "--ws.write-timeout=1s",
                        "--ws.read-timeout=2min",
                        "--ws.pong-timeout=3h",
                        "--ws.ping-period=400ms",
                        "--ws.close-timeout=5us",
                        "--ws.max-queue-bytes=6000",
                        "--ws.max-queue-messages=7",
                        "--ws.max-unsent-bytes=4096",
                        "--ws.max-output-bytes=11",
                        "--ws.max-backlog-bytes=16",
                        "--ws.max-rooms-per-connection=9",
                        "--ws.max-rooms=10",
                        "--ws.max-unread-batches=12",
                        "--ws.max-unread-bytes=13",
                        "--ws.inbound-credit=8",
                        "--ws.allow-any-origin",
                        "--ws.subprotocols=b,a",
                        "--ws.enable-compression",
                        "--ws.compression-level=2",
                        "--ws.compression-threshold=0",
                        "--ws.handshake-timeout=3s",
                        "--ws.read-buffer-size=512",
                        "--ws.write-buffer-size=1024",
                        "--ws.on-overflow=drop-oldest",
                        "--ws.allowed-origins=http://a:1,https://*.example.org",
                        "--ws.on-id-conflict=replace-old",
                        "--cluster.listen=127.0.0.1:7000",
                        "--cluster.join=a:1,b:2",
                        "--cluster.name=mine",
                        "--cluster.advertise=c:3",
                        "--cluster.heartbeat=100ms",
                        "--cluster.timeout=300ms",
                        "--cluster.max-queue-bytes=70000",
                        "--cluster.on-overflow=drop-newest",
                        "--cluster.allow-plaintext",
                        "--log.level=warning",
                        "--log.format=json",
                        "--log.quota=3",
                        "--slow-handler=20ms",
                        "--http.max-header-size=900",
                        "--http.max-body-size=901",
                        "--http.request-timeout=10s",
                        "--http.keep-alive-timeout=11s",
                        "--http.max-requests-per-connection=12",
                        "--http.trusted-proxies=10.0.0.0/8,::1",
                        "--http.proxy-header=x-forwarded-for",
                        "--http.proxy-protocol",
                        "--http.allowed-hosts=a,*.b",
                        "--http.public-url=https://a",
                        "--limits.connections=13",
                        "--limits.connections-per-address=14",
                        "--limits.pending=15",
                        "--limits.pending-per-address=16",
                        "--limits.handshakes-per-second=17",
                        "--limits.queued-bytes=18",
                        "--limits.allow=192.0.2.0/24",
                        "--limits.deny=192.0.2.1",
                        "--ws.max-messages-per-second=18",
                        "--ws.max-bytes-per-second=1900",
                        "--ws.max-control-frames-per-second=20"}),
                  "fine");
  CAF_CHECK_EQUAL(cfg.http.host, "0.0.0.0");
  CAF_CHECK_EQUAL(cfg.http.port, 9000);
  CAF_CHECK_EQUAL(cfg.threads, 2u);
  CAF_CHECK(cfg.log
            == (log_config{.level = log_level::warning,
                           .format = log_format::json,
                           .quota = 3}));
  CAF_CHECK(get_log_config() == cfg.log);
  set_log_config({});
  CAF_CHECK_EQUAL(cfg.slow_handler, caf::timespan{20ms});
  CAF_CHECK_EQUAL(cfg.ws.event_prefix, "x:");
  CAF_CHECK_EQUAL(cfg.ws.binary_messages, true);
  CAF_CHECK_EQUAL(cfg.ws.max_message_size, 1000u);
  CAF_CHECK_EQUAL(cfg.ws.write_timeout, caf::timespan{1s});
  CAF_CHECK_EQUAL(cfg.ws.read_timeout, caf::timespan{2min});
  CAF_CHECK_EQUAL(cfg.ws.pong_timeout, caf::timespan{3h});
  CAF_CHECK_EQUAL(cfg.ws.ping_period, caf::timespan{400ms});
  CAF_CHECK_EQUAL(cfg.ws.close_timeout, caf::timespan{5us});
  CAF_CHECK_EQUAL(cfg.ws.max_queue_bytes, 6000u);
  CAF_CHECK_EQUAL(cfg.ws.max_queue_messages, 7u);
  CAF_CHECK_EQUAL(cfg.ws.max_unsent_bytes, 4096u);
  CAF_CHECK_EQUAL(cfg.ws.max_output_bytes, 11u);
  CAF_CHECK_EQUAL(cfg.ws.max_backlog_bytes, 16u);
  CAF_CHECK_EQUAL(cfg.ws.max_rooms_per_connection, 9u);
  CAF_CHECK_EQUAL(cfg.ws.max_rooms, 10u);
  CAF_CHECK_EQUAL(cfg.ws.max_unread_batches, 12u);
  CAF_CHECK_EQUAL(cfg.ws.max_unread_bytes, 13u);
  CAF_CHECK_EQUAL(cfg.ws.inbound_credit, 8u);
  CAF_CHECK_EQUAL(cfg.ws.allow_any_origin, true);
  CAF_CHECK_EQUAL(cfg.ws.subprotocols, (list{"b", "a"}));
  CAF_CHECK_EQUAL(cfg.ws.enable_compression, true);
  CAF_CHECK_EQUAL(cfg.ws.compression_level, 2);
  CAF_CHECK_EQUAL(cfg.ws.compression_threshold, 0u);
  CAF_CHECK_EQUAL(cfg.ws.handshake_timeout, caf::timespan{3s});
  CAF_CHECK_EQUAL(cfg.ws.read_buffer_size, 512u);
  CAF_CHECK_EQUAL(cfg.ws.write_buffer_size, 1024u);
  CAF_CHECK(cfg.ws.on_overflow == overflow::drop_oldest);
  CAF_CHECK_EQUAL(cfg.ws.allowed_origins,
                  (list{"http://a:1", "https://*.example.org"}));
  CAF_CHECK(cfg.ws.on_id_conflict == id_conflict::replace_old);
  CAF_CHECK_EQUAL(cfg.cluster.listen, "127.0.0.1:7000");
  CAF_CHECK_EQUAL(cfg.cluster.join, (list{"a:1", "b:2"}));
  CAF_CHECK_EQUAL(cfg.cluster.name, "mine");
  CAF_CHECK_EQUAL(cfg.cluster.advertise, "c:3");
  CAF_CHECK_EQUAL(cfg.cluster.heartbeat, caf::timespan{100ms});
  CAF_CHECK_EQUAL(cfg.cluster.timeout, caf::timespan{300ms});
  CAF_CHECK_EQUAL(cfg.cluster.max_queue_bytes, 70000u);
  CAF_CHECK(cfg.cluster.on_overflow == overflow::drop_newest);
  CAF_CHECK(cfg.cluster.allow_plaintext);
  CAF_CHECK_EQUAL(cfg.http.max_header_size, 900u);
  CAF_CHECK_EQUAL(cfg.http.max_body_size, 901u);
  CAF_CHECK_EQUAL(cfg.http.request_timeout, caf::timespan{10s});
  CAF_CHECK_EQUAL(cfg.http.keep_alive_timeout, caf::timespan{11s});
  CAF_CHECK_EQUAL(cfg.http.max_requests_per_connection, 12u);
  CAF_CHECK_EQUAL(cfg.http.trusted_proxies, (list{"10.0.0.0/8", "::1"}));
  CAF_CHECK(cfg.http.proxy_header == forwarding_header::x_forwarded_for);
  CAF_CHECK_EQUAL(cfg.http.proxy_protocol, true);
  CAF_CHECK_EQUAL(cfg.http.allowed_hosts, (list{"a", "*.b"}));
  CAF_CHECK_EQUAL(cfg.http.public_url, "https://a");
  CAF_CHECK_EQUAL(cfg.http.limits.connections, 13u);
  CAF_CHECK_EQUAL(cfg.http.limits.connections_per_address, 14u);
  CAF_CHECK_EQUAL(cfg.http.limits.pending, 15u);
  CAF_CHECK_EQUAL(cfg.http.limits.pending_per_address, 16u);
  CAF_CHECK_EQUAL(cfg.http.limits.handshakes_per_second, 17u);
  CAF_CHECK_EQUAL(cfg.http.limits.queued_bytes, 18u);
  CAF_CHECK_EQUAL(cfg.http.limits.allow, list{"192.0.2.0/24"});
  CAF_CHECK_EQUAL(cfg.http.limits.deny, list{"192.0.2.1"});
  CAF_CHECK_EQUAL(cfg.ws.max_messages_per_second, 18u);
  CAF_CHECK_EQUAL(cfg.ws.max_bytes_per_second, 1900u);
  CAF_CHECK_EQUAL(cfg.ws.max_control_frames_per_second, 20u);
}

CAF_TEST(arguments of main work as well) {
  std::string args[] = {"program", "--port=9000"};
  char* argv[] = {args[0].data(), args[1].data(), nullptr};
  CAF_CHECK_EQUAL(cfg.read(2, argv), caf::none);
  CAF_CHECK_EQUAL(cfg.http.port, 9000);
  CAF_CHECK_EQUAL(cfg.read(0, argv + 2), caf::none);
}

CAF_TEST(the environment sets options by a rule) {
  set("TROUPE_PORT", "9000");
  set("TROUPE_WS_PING_PERIOD", "30s");
  set("TROUPE_WS_BINARY_MESSAGES", "true");
  set("TROUPE_HTTP_MAX_HEADER_SIZE", "4096");
  set("TROUPE_SCHEDULER_MAX_THROUGHPUT", "50");
  set("TROUPE_HOST", "");              // counts as not set
  set("TROUPE_BIN_DIR", "/somewhere"); // unknown variables are ignored
  CAF_CHECK_EQUAL(read({}), "fine");
  CAF_CHECK_EQUAL(cfg.http.port, 9000);
  CAF_CHECK_EQUAL(cfg.ws.ping_period, caf::timespan{30s});
  CAF_CHECK_EQUAL(cfg.ws.binary_messages, true);
  CAF_CHECK_EQUAL(cfg.http.max_header_size, 4096u);
  CAF_CHECK_EQUAL(get_or(cfg, "scheduler.max-throughput", size_t{0}), 50u);
  CAF_CHECK_EQUAL(cfg.http.host, "127.0.0.1");
}

CAF_TEST(a file sets options) {
  auto option = with_file(
    "port = 9000\n"
    "host = \"::1\"\n"
    "ws {\n"
    "  ping-period = 30s\n"
    "  binary-messages = true\n"
    "}\n"
    "my-app { color = \"green\" }\n");
  CAF_CHECK_EQUAL(read({option}), "fine");
  CAF_CHECK_EQUAL(cfg.http.port, 9000);
  CAF_CHECK_EQUAL(cfg.http.host, "::1");
  CAF_CHECK_EQUAL(cfg.ws.ping_period, caf::timespan{30s});
  CAF_CHECK_EQUAL(cfg.ws.binary_messages, true);
  CAF_CHECK_EQUAL(get_or(cfg, "my-app.color", ""), "green");
}

CAF_TEST(the environment may name the file) {
  with_file("port = 9000\n");
  set("TROUPE_CONFIG_FILE", file);
  CAF_CHECK_EQUAL(read({}), "fine");
  CAF_CHECK_EQUAL(cfg.http.port, 9000);
}

CAF_TEST(the command line beats the environment and that beats the file) {
  auto option = with_file(
    "port = 1\n"
    "threads = 1\n"
    "[ws]\n"
    "inbound-credit = 1\n"
    "binary-messages = true\n");
  set("TROUPE_PORT", "2");
  set("TROUPE_THREADS", "2");
  set("TROUPE_WS_BINARY_MESSAGES", "false");
  CAF_CHECK_EQUAL(read({"--port=3", option}), "fine");
  CAF_CHECK_EQUAL(cfg.http.port, 3);
  CAF_CHECK_EQUAL(cfg.threads, 2u);
  CAF_CHECK_EQUAL(cfg.ws.inbound_credit, 1u);
  CAF_CHECK_EQUAL(cfg.ws.binary_messages, false);
}

CAF_TEST(a file in the working directory is not read by chance) {
  auto here = std::filesystem::current_path();
  auto there = std::filesystem::temp_directory_path()
               / ("troupe_runtime_test_dir." + std::to_string(getpid()));
  std::filesystem::create_directory(there);
  std::filesystem::current_path(there);
  std::ofstream{"caf-application.ini"} << "port = 9000\n";
  CAF_CHECK_EQUAL(read({}), "fine");
  CAF_CHECK_EQUAL(cfg.http.port, 8080);
  CAF_CHECK_EQUAL(cfg.parse({}), caf::none);
  CAF_CHECK_EQUAL(cfg.http.port, 8080);
  std::filesystem::current_path(here);
  std::filesystem::remove_all(there);
}

CAF_TEST(an option and its value may be two words) {
  CAF_CHECK_EQUAL(
    read({"--port", "9000", "--ws.binary-messages", "--host", "localhost"}),
    "fine");
  CAF_CHECK_EQUAL(cfg.http.port, 9000);
  CAF_CHECK_EQUAL(cfg.http.host, "localhost");
  CAF_CHECK(cfg.ws.binary_messages);
}

CAF_TEST(a list may be written in several ways) {
  for (auto text : {"a,b", "[a,b]", "\"a\",\"b\"", "[\"a\", \"b\"]"}) {
    CAF_CHECK_EQUAL(read({std::string{"--ws.subprotocols="} + text}), "fine");
    CAF_CHECK_EQUAL(cfg.ws.subprotocols, (list{"a", "b"}));
    cfg.ws.subprotocols.clear();
    set("TROUPE_WS_SUBPROTOCOLS", text);
    CAF_CHECK_EQUAL(read({}), "fine");
    CAF_CHECK_EQUAL(cfg.ws.subprotocols, (list{"a", "b"}));
    unsetenv("TROUPE_WS_SUBPROTOCOLS");
  }
  CAF_CHECK_EQUAL(read({"--ws.subprotocols", "a", "--ws.subprotocols=b,c"}),
                  "fine");
  CAF_CHECK_EQUAL(cfg.ws.subprotocols, (list{"b", "c"}));
  auto option = with_file(
    "ws { subprotocols = [\"d\"], allowed-origins = [\"http://e\"] }\n");
  CAF_CHECK_EQUAL(read({option}), "fine");
  CAF_CHECK_EQUAL(cfg.ws.subprotocols, (list{"d"}));
  CAF_CHECK_EQUAL(cfg.ws.allowed_origins, (list{"http://e"}));
  CAF_CHECK_EQUAL(read({"--ws.allowed-origins=\"http://[::1]:8080\""}), "fine");
  CAF_CHECK_EQUAL(cfg.ws.allowed_origins, (list{"http://[::1]:8080"}));
}

CAF_TEST(a choice is a word in all places) {
  CAF_CHECK_EQUAL(read({"--ws.on-overflow=drop_newest"}), "fine");
  CAF_CHECK(cfg.ws.on_overflow == overflow::drop_newest);
  CAF_CHECK_EQUAL(read({with_file("[ws]\non-overflow=\"conflate\"\n")}),
                  "fine");
  CAF_CHECK(cfg.ws.on_overflow == overflow::conflate);
  set("TROUPE_WS_ON_OVERFLOW", "disconnect");
  CAF_CHECK_EQUAL(read({}), "fine");
  CAF_CHECK(cfg.ws.on_overflow == overflow::disconnect);
}

CAF_TEST(C15 options change the defaults of the original) {
  cfg.ws = iris_compat_config();
  CAF_CHECK_EQUAL(read({"--ws.max-message-size=2048"}), "fine");
  CAF_CHECK_EQUAL(cfg.ws.max_message_size, 2048u);
  CAF_CHECK(cfg.ws.allow_any_origin);
}

CAF_TEST(a derived configuration has options of its own in all places) {
  struct chat_config : runtime_config {
    std::string room = "lobby";
    chat_config() {
      opt_group{custom_options_, "chat"}.add(room, "first-room", "to join");
    }
  };
  chat_config chat;
  set("TROUPE_CHAT_FIRST_ROOM", "kitchen");
  CAF_CHECK_EQUAL(chat.read({}), caf::none);
  CAF_CHECK_EQUAL(chat.room, "kitchen");
  CAF_CHECK_EQUAL(chat.read({"--chat.first-room=hall"}), caf::none);
  CAF_CHECK_EQUAL(chat.room, "hall");
  auto help = output_of([&] { CAF_CHECK(!chat.read({"--help"})); });
  CAF_CHECK(help.find("--chat.first-room") != std::string::npos);
}

// -- clusters -----------------------------------------------------------------

CAF_TEST(a server alone has nothing of the network of nodes) {
  CAF_CHECK_EQUAL(read({}), "fine");
  caf::actor_system sys{cfg};
  CAF_CHECK(!sys.has_middleman());
}

CAF_TEST(a node has the network with its heartbeats) {
  CAF_CHECK_EQUAL(
    read({"--cluster.join=127.0.0.1:1", "--cluster.heartbeat=3s"}), "fine");
  CAF_CHECK_EQUAL(read({}), "fine"); // reading again has no effect
  caf::actor_system sys{cfg};
  CAF_CHECK(sys.has_middleman());
  CAF_CHECK(!sys.has_openssl_manager());
  CAF_CHECK_EQUAL(caf::get<caf::timespan>(cfg, "middleman.heartbeat-interval"),
                  caf::timespan{3s});
}

CAF_TEST(files for TLS can be given as options) {
  auto pem = std::string{TROUPE_TEST_DATA "/wire_vectors.json"};
  CAF_CHECK_EQUAL(read({"--cluster.tls-ca=" + pem,
                        "--cluster.tls-certificate=" + pem,
                        "--cluster.tls-key=" + pem}),
                  "fine");
  CAF_CHECK_EQUAL(cfg.cluster.tls_ca, pem);
  CAF_CHECK_EQUAL(cfg.cluster.tls_certificate, pem);
  CAF_CHECK_EQUAL(cfg.cluster.tls_key, pem);
  CAF_CHECK_EQUAL(read({"--cluster.tls-key=/no/such/file"}),
                  invalid
                    + "cluster.tls_key is \"/no/such/file\", but must be a "
                      "file that can be read");
}

// -- miscellaneous ------------------------------------------------------------

CAF_TEST(each start of a process is another node) {
  CAF_CHECK_EQUAL(read({}), "fine");
  runtime_config again;
  caf::actor_system one{cfg};
  caf::actor_system two{again};
  CAF_CHECK_NOT_EQUAL(node_name(one.node()), node_name(two.node()));
  CAF_CHECK(one.node() != two.node());
}

CAF_TEST(help lists the options with their defaults and reads nothing) {
  for (auto arg : {"--help", "-h", "-?"}) {
    runtime_config fresh;
    auto text = output_of([&] {
      CAF_CHECK_EQUAL(fresh.read({"--no-such-option", arg}), caf::none);
    });
    CAF_CHECK(fresh.cli_helptext_printed);
    for (auto part : {"-p, --port=<uint16>", "[8080]",
                      "--threads=", "--ws.ping-period=<timespan>", "[54s]",
                      "--http.max-header-size=", "TROUPE_PORT=",
                      "--ws.on-id-conflict=<reject-new|replace-old>\n   ",
                      "--ws.subprotocols=<list"})
      CAF_CHECK(text.find(part) != std::string::npos);
  }
  CAF_CHECK(output_of([&] { read({"--long-help"}); }).find("max-throughput")
            != std::string::npos);
  CAF_CHECK(cfg.cli_helptext_printed);
}

CAF_TEST(a system renders our errors in words) {
  caf::actor_system sys{cfg};
  auto err = make_error(errc::cannot_listen, "port 80");
  CAF_CHECK_EQUAL(sys.render(err), what(err));
}

CAF_TEST(options set what those who run the program see) {
  CAF_CHECK_EQUAL(read({"--log.access=/a/log", "--admin.listen=127.0.0.1:0",
                        "--admin.inspector", "--admin.token-file=/a/token",
                        "--admin.allowed-hosts=a.example,b.example"}),
                  "fine");
  CAF_CHECK_EQUAL(cfg.access_log, "/a/log");
  CAF_CHECK_EQUAL(cfg.admin.listen, "127.0.0.1:0");
  CAF_CHECK(cfg.admin.inspector);
  CAF_CHECK_EQUAL(cfg.admin.token_file, "/a/token");
  CAF_CHECK_EQUAL(cfg.admin.allowed_hosts, (list{"a.example", "b.example"}));
}

CAF_TEST(the options reach the scheduler) {
  set("TROUPE_SCHEDULER_MAX_THROUGHPUT", "50");
  CAF_CHECK_EQUAL(read({"--threads=3"}), "fine");
  caf::actor_system sys{cfg};
  auto* scheduler = net::scheduler::of(sys);
  CAF_REQUIRE(scheduler != nullptr);
  CAF_CHECK_EQUAL(scheduler->workers().size(), 3u);
  CAF_CHECK_EQUAL(scheduler->max_throughput(), 50u);
}

CAF_TEST_FIXTURE_SCOPE_END()
