#define CAF_SUITE net.config

#include "troupe/config.hpp" // the header under test
#include "troupe/listener_config.hpp"

#include "troupe/cluster.hpp"
#include "troupe/error.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

struct fixture {};

using strings = std::vector<std::string>;

const std::string invalid = std::string{to_string(errc::invalid_config)} + ": ";

/// Returns the error for setting `field` to `value`.
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
  CAF_CHECK_EQUAL(with(&config::max_unsent_bytes, size_t{1} << 30), "fine");
  CAF_CHECK(with(&config::max_unsent_bytes, (size_t{1} << 30) + 1)
              .starts_with(invalid));
  CAF_CHECK(with(&config::max_output_bytes, size_t{0}).starts_with(invalid));
  CAF_CHECK(with(&config::max_backlog_bytes, size_t{0}).starts_with(invalid));
  CAF_CHECK(
    with(&config::max_rooms_per_connection, size_t{0}).starts_with(invalid));
  CAF_CHECK(with(&config::max_rooms, size_t{0}).starts_with(invalid));
  CAF_CHECK(with(&config::max_unread_batches, size_t{0}).starts_with(invalid));
  CAF_CHECK(with(&config::max_unread_bytes, size_t{0}).starts_with(invalid));
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
  for (auto fine : {size_t{0}, size_t{1} << 30})
    CAF_CHECK_EQUAL(with(&listener_config::max_body_size, fine), "fine");
  CAF_CHECK(with(&listener_config::max_body_size, (size_t{1} << 30) + 1)
              .starts_with(invalid));
  CAF_CHECK_EQUAL(with(&listener_config::max_header_size, size_t{512}), "fine");
  CAF_CHECK(
    with(&listener_config::max_header_size, size_t{511}).starts_with(invalid));
}

CAF_TEST(a rate of bytes permits the largest message) {
  CAF_CHECK_EQUAL(with(&config::max_bytes_per_second, size_t{0}), "fine");
  CAF_CHECK_EQUAL(with(&config::max_bytes_per_second, size_t{65536}), "fine");
  CAF_CHECK_EQUAL(with(&config::max_bytes_per_second, size_t{65535}),
                  invalid
                    + "max_bytes_per_second is 65535, but must be 0 for no "
                      "limit, or at least max_message_size, 65536");
}

CAF_TEST(a connection serves one request at least) {
  CAF_CHECK_EQUAL(
    with(&listener_config::max_requests_per_connection, size_t{1}), "fine");
  CAF_CHECK(with(&listener_config::max_requests_per_connection, size_t{0})
              .starts_with(invalid));
}

CAF_TEST(limits for connections have their edges) {
  auto pending = [](size_t x) {
    return with(&listener_config::limits, connection_limits{.pending = x});
  };
  CAF_CHECK_EQUAL(pending(1), "fine");
  CAF_CHECK_EQUAL(pending(65536), "fine");
  CAF_CHECK(pending(65537).starts_with(invalid));
  CAF_CHECK_EQUAL(pending(0),
                  invalid + "limits.pending is 0, but must be 1 to 65536");
}

CAF_TEST(proxies and lists are prefixes) {
  for (auto good : {"10.0.0.0/8", "192.0.2.1", "::1", "2001:db8::/32"})
    CAF_CHECK_EQUAL(with(&listener_config::trusted_proxies, strings{good}),
                    "fine");
  CAF_CHECK_EQUAL(with(&listener_config::trusted_proxies,
                       strings{"::1", "10.0.0.1/8"}),
                  invalid
                    + "an entry of trusted_proxies is \"10.0.0.1/8\", but must "
                      "be an address or a prefix without further bits, such as "
                      "192.0.2.1, 10.0.0.0/8 or 2001:db8::/32");
  for (auto field : {&connection_limits::allow, &connection_limits::deny}) {
    connection_limits limits;
    limits.*field = {"localhost"};
    CAF_CHECK(with(&listener_config::limits, limits).starts_with(invalid));
    limits.*field = {"192.0.2.0/24"};
    CAF_CHECK_EQUAL(with(&listener_config::limits, limits), "fine");
  }
}

CAF_TEST(whoever names clients must be trusted) {
  CAF_CHECK_EQUAL(with(&listener_config::proxy_header,
                       forwarding_header::forwarded),
                  invalid
                    + "the number of trusted_proxies is 0, but must be at "
                      "least 1 with proxy_header or proxy_protocol");
  CAF_CHECK(with(&listener_config::proxy_protocol, true).starts_with(invalid));
  listener_config cfg{.trusted_proxies = {"::1"},
                      .proxy_header = forwarding_header::forwarded,
                      .proxy_protocol = true};
  CAF_CHECK_EQUAL(cfg.validate(), caf::none);
  cfg.proxy_header = static_cast<forwarding_header>(3);
  CAF_CHECK(cfg.validate() != caf::none);
}

CAF_TEST(allowed hosts are hosts) {
  auto hosts = [](strings xs) {
    return with(&listener_config::allowed_hosts, xs);
  };
  CAF_CHECK_EQUAL(hosts({"a.example", "*.b.example", "*"}), "fine");
  CAF_CHECK_EQUAL(hosts({"a.example:80"}),
                  invalid
                    + "an entry of allowed_hosts is \"a.example:80\", but must "
                      "be like example.org or *.example.org, without a port; "
                      "or *");
}

CAF_TEST(a public URL is an origin of the web) {
  auto url = [](std::string x) {
    return with(&listener_config::public_url, x);
  };
  for (auto good : {"", "https://chat.example", "http://[::1]:8080"})
    CAF_CHECK_EQUAL(url(good), "fine");
  for (auto bad : {"chat.example", "https://", "https://chat.example/",
                   "https://*.example", "wss://chat.example", "https://a:b"})
    CAF_CHECK(url(bad).starts_with(invalid));
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

// -- clusters -----------------------------------------------------------------

CAF_TEST(a cluster needs time spans and bounds that make sense) {
  using c = cluster_config;
  CAF_CHECK_EQUAL(c{}.validate(), caf::none);
  CAF_CHECK_EQUAL(with(&c::heartbeat, caf::timespan{9ms}),
                  invalid + "cluster.heartbeat is 9ms, but must be 10ms to 1h");
  CAF_CHECK_EQUAL(with(&c::timeout, caf::timespan{3s}),
                  invalid
                    + "cluster.timeout is 3s, but must be at least twice "
                      "cluster.heartbeat, 2s");
  CAF_CHECK_EQUAL(with(&c::timeout, caf::timespan{4s}), "fine");
  CAF_CHECK(with(&c::timeout, caf::timespan::max()).starts_with(invalid));
  CAF_CHECK_EQUAL(with(&c::max_queue_bytes, size_t{65535}),
                  invalid
                    + "cluster.max_queue_bytes is 65535, but must be at least "
                      "65536");
  CAF_CHECK_EQUAL(with(&c::on_overflow, overflow::conflate),
                  invalid
                    + "cluster.on_overflow is \"conflate\", but must be "
                      "drop-oldest or drop-newest");
  CAF_CHECK_EQUAL(with(&c::on_overflow, overflow::drop_newest), "fine");
  CAF_CHECK(
    with(&c::on_overflow, static_cast<overflow>(77)).starts_with(invalid));
  CAF_CHECK_EQUAL(with(&c::name, std::string{}),
                  invalid
                    + "cluster.name is \"\", but must be 1 to 255 bytes long");
  CAF_CHECK_EQUAL(with(&c::name, std::string(255, 'x')), "fine");
  CAF_CHECK(with(&c::name, std::string(256, 'x')).starts_with(invalid));
}

CAF_TEST(addresses of nodes have a host and a port) {
  using c = cluster_config;
  for (auto fine : {"127.0.0.1:0", "[::1]:7000", "localhost:7000"})
    CAF_CHECK_EQUAL(with(&c::listen, std::string{fine}), "fine");
  for (auto wrong : {"7000", ":7000", "::1:7000", "127.0.0.1", "localhost:",
                     "localhost:70000", "localhost:-1", "[localhost]:7000"})
    CAF_CHECK_EQUAL(with(&c::listen, std::string{wrong}),
                    invalid + "cluster.listen is \"" + wrong
                      + "\", but must be HOST:PORT, such as 10.0.0.1:7000 or "
                        "[::1]:7000");
  CAF_CHECK_EQUAL(with(&c::advertise, std::string{"example.org:7000"}), "fine");
  CAF_CHECK(with(&c::advertise, std::string{"a:0"}).starts_with(invalid));
  CAF_CHECK_EQUAL(with(&c::join, strings{"a:1", "b:2"}), "fine");
  CAF_CHECK(with(&c::join, strings{"a:1", "b"}).starts_with(invalid));
  CAF_CHECK(with(&c::join, strings{"a:1", ""}).starts_with(invalid));
}

CAF_TEST(a port for nodes beyond this machine needs TLS or a loud word) {
  using c = cluster_config;
  for (auto x : {"10.0.0.1:7000", "[fe80::1]:7000", "example.org:7000"}) {
    auto why = with(&c::listen, std::string{x});
    CAF_CHECK(why.starts_with(invalid + "cluster.listen is \"" + x
                              + "\", but must be on 127.0.0.1 or [::1] "
                                "without TLS"));
    c loud;
    loud.listen = x;
    loud.allow_plaintext = true;
    CAF_CHECK_EQUAL(loud.validate(), caf::none);
  }
  CAF_CHECK_EQUAL(with(&c::listen, std::string{"127.8.8.8:7000"}), "fine");
}

CAF_TEST(nobody can be told to go to a wildcard) {
  cluster_config x;
  x.listen = "0.0.0.0:7000";
  x.allow_plaintext = true;
  CAF_CHECK_EQUAL(what(x.validate()),
                  invalid
                    + "cluster.advertise is \"\", but must be set, since "
                      "others cannot be told to go to 0.0.0.0:7000");
  x.advertise = "example.org:7000";
  CAF_CHECK_EQUAL(x.validate(), caf::none);
}

CAF_TEST(others are told an address where somebody can be) {
  cluster_config x;
  x.listen = "127.0.0.1:0";
  x.advertise = "example.org:7000";
  CAF_CHECK_EQUAL(what(x.validate()),
                  invalid
                    + "cluster.listen is \"127.0.0.1:0\", but must be with a "
                      "fixed port, since others are told to go to "
                      "example.org:7000");
  x.listen.clear();
  x.join = {"a:1"};
  CAF_CHECK(what(x.validate()).starts_with(invalid + "cluster.listen is \"\""));
  x.listen = "127.0.0.1:7000";
  CAF_CHECK_EQUAL(x.validate(), caf::none);
  x.advertise = "[::]:7000";
  CAF_CHECK_EQUAL(what(x.validate()),
                  invalid
                    + "cluster.advertise is \"[::]:7000\", but must be the "
                      "address of one machine");
}

CAF_TEST(every message that a client may send fits between nodes) {
  cluster_config x;
  x.max_queue_bytes = 65536;
  config server{.max_message_size = 65536 - 1024};
  CAF_CHECK_EQUAL(x.validate_for(server), caf::none);
  server.max_message_size = 65536;
  CAF_CHECK_EQUAL(what(x.validate_for(server)),
                  invalid
                    + "cluster.max_queue_bytes is 65536, but must be at least "
                      "66560: max_message_size and 1024 for the way");
}

CAF_TEST(TLS needs three files that can be read) {
  auto file = std::string{TROUPE_TEST_DATA "/wire_vectors.json"};
  cluster_config x;
  x.listen = "10.0.0.1:7000";
  x.tls_ca = file;
  x.tls_certificate = file;
  CAF_CHECK_EQUAL(what(x.validate()),
                  invalid
                    + "cluster.tls_key is \"\", but must be set if and only "
                      "if cluster.tls_ca is");
  x.tls_key = file;
  CAF_CHECK_EQUAL(x.validate(), caf::none);
  x.tls_certificate = "/no/such/file";
  CAF_CHECK_EQUAL(what(x.validate()),
                  invalid
                    + "cluster.tls_certificate is \"/no/such/file\", but must "
                      "be a file that can be read");
  x.tls_ca.clear();
  CAF_CHECK(what(x.validate()).starts_with(invalid));
}

CAF_TEST(C15 the defaults of the original are valid settings) {
  auto cfg = iris_compat_config();
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
