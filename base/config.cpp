#include "troupe/config.hpp"

#include "base/address.hpp"
#include "base/ascii.hpp"
#include "base/enum_option.hpp"
#include "base/host.hpp"
#include "base/ip_prefix.hpp"
#include "base/origin.hpp"
#include "base/protocol2.hpp"
#include "base/regular_file.hpp"
#include "troupe/cluster.hpp"
#include "troupe/error.hpp"
#include "troupe/listener_config.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace troupe {

namespace {

/// Upper bound for time spans, so that adding one to a time point cannot
/// overflow.
constexpr caf::timespan longest = std::chrono::hours{365 * 24};

constexpr size_t largest_message = size_t{1} << 30;

/// A browser's handshake needs about 500 bytes without cookies.
constexpr size_t smallest_header = 512;

constexpr size_t largest_header = size_t{1} << 20;

constexpr size_t largest_body = size_t{1} << 30;

constexpr size_t largest_unsent = size_t{1} << 30;

constexpr size_t smallest_buffer = 256;

constexpr size_t largest_buffer = size_t{1} << 24;

constexpr size_t smallest_node_queue = size_t{1} << 16;

/// Size of a message to another node in addition to its payload: two headers,
/// the name of a room, and the prefix and the name of the event.
constexpr size_t node_overhead = 1024;

/// Searched in turn when it is exceeded.
constexpr size_t most_pending = size_t{1} << 16;

/// The name is part of BASP's handshake.
constexpr size_t longest_cluster_name = 255;

constexpr caf::timespan shortest_heartbeat = std::chrono::milliseconds{10};

constexpr caf::timespan longest_heartbeat = std::chrono::hours{1};

std::string words(const std::string& x) {
  return '"' + x + '"';
}

std::string words(size_t x) {
  return std::to_string(x);
}

std::string words(int x) {
  return std::to_string(x);
}

/// CAF's `to_string` prints negative time spans as zero.
std::string words(caf::timespan x) {
  auto ns = x.count();
  if (ns % 1'000'000 != 0)
    return std::to_string(ns) + "ns";
  if (ns % 1'000'000'000 != 0)
    return std::to_string(ns / 1'000'000) + "ms";
  return std::to_string(ns / 1'000'000'000) + "s";
}

/// Checks settings and keeps an error message for the first invalid one.
class checker {
public:
  template <class T>
  checker& require(bool is_fine, const char* name, const T& value,
                   const std::string& range) {
    if (!is_fine && !first_)
      first_ = make_error(errc::invalid_config, name + (" is " + words(value))
                                                  + ", but must be " + range);
    return *this;
  }

  checker& size(const char* name, size_t value, size_t least, size_t most) {
    return require(value >= least && value <= most, name, value,
                   words(least) + " to " + words(most));
  }

  checker& not_zero(const char* name, size_t value) {
    return require(value > 0, name, value, "at least 1");
  }

  checker& span(const char* name, caf::timespan value) {
    return require(value > caf::timespan{0} && value <= longest, name, value,
                   "more than 0 and at most 365 days");
  }

  template <class Enum>
  checker& choice(const char* name, Enum value, Enum last) {
    return require(value <= last, name, static_cast<size_t>(value),
                   "one of its enumerators");
  }

  checker& subprotocols(const std::vector<std::string>& xs) {
    for (auto i = xs.begin(); i != xs.end(); ++i)
      require(base::is_token(*i), "an entry of subprotocols", *i,
              "a token: letters, digits and !#$%&'*+-.^_`|~")
        .require(std::find(xs.begin(), i, *i) == i, "an entry of subprotocols",
                 *i, "there once")
        .require(*i != protocol2::subprotocol, "an entry of subprotocols", *i,
                 "another name: enable_protocol_2 turns it on");
    return *this;
  }

  checker& origins(const std::vector<std::string>& xs) {
    for (const auto& x : xs)
      require(base::is_origin_pattern(x), "an entry of allowed_origins", x,
              "like https://example.org, https://example.org:8443 or "
              "https://*.example.org");
    return *this;
  }

  checker& prefixes(const char* name, const std::vector<std::string>& xs) {
    for (const auto& x : xs)
      require(base::ip_prefix::parse(x).has_value(), name, x,
              "an address or a prefix without further bits, such as "
              "192.0.2.1, 10.0.0.0/8 or 2001:db8::/32");
    return *this;
  }

  checker& hosts(const std::vector<std::string>& xs) {
    for (const auto& x : xs)
      require(base::is_host_pattern(x), "an entry of allowed_hosts", x,
              "like example.org or *.example.org, without a port; or *");
    return *this;
  }

  /// Requires `HOST:PORT` or an empty string. Port 0 is valid only for
  /// listening.
  checker& address(const char* name, const std::string& x,
                   unsigned least_port = 1) {
    auto parts = base::parse_address(x);
    return require(x.empty() || (parts && parts->port >= least_port), name, x,
                   "HOST:PORT, such as 10.0.0.1:7000 or [::1]:7000");
  }

  checker& file(const char* name, const std::string& x) {
    std::string why;
    return require(x.empty() || base::read_regular_file(x, why), name, x,
                   "a file that can be read");
  }

  checker& tls(const tls_config& x) {
    require(x.keys.size() == x.certificates.size(), "the number of tls.keys",
            x.keys.size(),
            "that of tls.certificates, " + words(x.certificates.size()))
      .require(x.client_auth == client_auth::none || !x.client_ca.empty(),
               "tls.client_ca", x.client_ca,
               "set if tls.client_auth is request or require")
      .require(x.is_enabled() || x.client_auth == client_auth::none,
               "tls.client_auth",
               std::string{base::words_for<client_auth>.at(
                 static_cast<size_t>(x.client_auth))},
               "none without tls.certificates")
      .require(x.hsts >= caf::timespan{0} && x.hsts <= 2 * longest, "tls.hsts",
               x.hsts, "0 for none, or at most 730 days");
    return *this;
  }

  caf::error result() {
    return std::move(first_);
  }

private:
  caf::error first_;
};

} // namespace

caf::error config::validate() const {
  checker check;
  check
    .require(!event_prefix.empty(), "event_prefix", event_prefix,
             "at least one character, better two with a ':' at the end")
    .subprotocols(subprotocols)
    .require(compression_level >= 1 && compression_level <= 9,
             "compression_level", compression_level, "1 to 9")
    .size("max_message_size", max_message_size, 1, largest_message)
    .span("handshake_timeout", handshake_timeout)
    .span("write_timeout", write_timeout)
    .require(read_timeout >= caf::timespan{0} && read_timeout <= longest,
             "read_timeout", read_timeout, "0 for none, or at most 365 days")
    .span("ping_period", ping_period)
    .span("pong_timeout", pong_timeout)
    .require(pong_timeout > ping_period, "pong_timeout", pong_timeout,
             "more than ping_period, " + words(ping_period))
    .span("beat_period", beat_period)
    .span("close_timeout", close_timeout)
    .size("read_buffer_size", read_buffer_size, smallest_buffer, largest_buffer)
    .size("write_buffer_size", write_buffer_size, smallest_buffer,
          largest_buffer)
    .require(max_queue_bytes >= max_message_size, "max_queue_bytes",
             max_queue_bytes,
             "at least max_message_size, " + words(max_message_size))
    .not_zero("max_queue_messages", max_queue_messages)
    .choice("on_overflow", on_overflow, overflow::conflate)
    .size("max_unsent_bytes", max_unsent_bytes, 0, largest_unsent)
    .not_zero("max_output_bytes", max_output_bytes)
    .not_zero("max_backlog_bytes", max_backlog_bytes)
    .not_zero("max_requests", max_requests)
    .not_zero("max_rooms_per_connection", max_rooms_per_connection)
    .not_zero("max_rooms", max_rooms)
    .not_zero("max_unread_batches", max_unread_batches)
    .not_zero("max_unread_bytes", max_unread_bytes)
    .not_zero("inbound_credit", inbound_credit)
    .require(max_bytes_per_second == 0
               || max_bytes_per_second >= max_message_size,
             "max_bytes_per_second", max_bytes_per_second,
             "0 for no limit, or at least max_message_size, "
               + words(max_message_size))
    .origins(allowed_origins)
    .choice("on_id_conflict", on_id_conflict, id_conflict::replace_old);
  return check.result();
}

config iris_compat_config() {
  return {
    .compression_threshold = 0,
    .max_message_size = 1024,
    .handshake_timeout = longest,
    .write_timeout = longest,
    .write_buffer_size = 4096,
    .allow_any_origin = true,
    .on_handshake_error = [](const request&,
                             handshake_error& x) { x.status = 503; },
  };
}

caf::error listener_config::validate() const {
  checker check;
  check
    .require(!host.empty(), "host", host,
             "a name or an address; 0.0.0.0 and :: mean all of this machine")
    .size("max_header_size", max_header_size, smallest_header, largest_header)
    .size("max_body_size", max_body_size, 0, largest_body)
    .span("request_timeout", request_timeout)
    .span("keep_alive_timeout", keep_alive_timeout)
    .not_zero("max_waiting_requests", max_waiting_requests)
    .span("response_timeout", response_timeout)
    .tls(tls)
    .not_zero("max_requests_per_connection", max_requests_per_connection)
    .prefixes("an entry of trusted_proxies", trusted_proxies)
    .choice("proxy_header", proxy_header, forwarding_header::forwarded)
    .require(!trusted_proxies.empty()
               || (proxy_header == forwarding_header::none && !proxy_protocol),
             "the number of trusted_proxies", trusted_proxies.size(),
             "at least 1 with proxy_header or proxy_protocol")
    .hosts(allowed_hosts)
    .require(public_url.empty() || base::is_web_origin(public_url),
             "public_url", public_url,
             "like https://chat.example.org or http://localhost:8080, without "
             "a path")
    .size("limits.pending", limits.pending, 1, most_pending)
    .prefixes("an entry of limits.allow", limits.allow)
    .prefixes("an entry of limits.deny", limits.deny);
  return check.result();
}

caf::error cluster_config::validate() const {
  checker check;
  check.address("cluster.listen", listen, 0)
    .address("cluster.advertise", advertise);
  for (const auto& x : join)
    check.require(!x.empty(), "an entry of cluster.join", x, "HOST:PORT")
      .address("an entry of cluster.join", x);
  auto here = base::parse_address(listen).value_or(base::address{"localhost"});
  auto has_tls = !tls_ca.empty();
  auto word = std::string{base::words_for<overflow>.at(
    std::min(static_cast<size_t>(on_overflow), size_t{3}))};
  auto told = base::parse_address(advertise).value_or(base::address{"fine"});
  check
    .require(!name.empty() && name.size() <= longest_cluster_name,
             "cluster.name", name,
             "1 to " + words(longest_cluster_name) + " bytes long")
    .require(!base::is_wildcard(told.host), "cluster.advertise", advertise,
             "the address of one machine")
    .require(advertise.empty() || !enabled() || here.port != 0,
             "cluster.listen", listen,
             "with a fixed port, since others are told to go to " + advertise)
    .require(!base::is_wildcard(here.host) || !advertise.empty(),
             "cluster.advertise", advertise,
             "set, since others cannot be told to go to " + listen)
    .require(heartbeat >= shortest_heartbeat && heartbeat <= longest_heartbeat,
             "cluster.heartbeat", heartbeat, "10ms to 1h")
    .span("cluster.timeout", timeout)
    .require(timeout / 2 >= heartbeat, "cluster.timeout", timeout,
             "at least twice cluster.heartbeat, " + words(heartbeat))
    .require(max_queue_bytes >= smallest_node_queue, "cluster.max_queue_bytes",
             max_queue_bytes, "at least " + words(smallest_node_queue))
    .require(on_overflow == overflow::drop_oldest
               || on_overflow == overflow::drop_newest,
             "cluster.on_overflow", word, "drop-oldest or drop-newest")
    .require(tls_certificate.empty() != has_tls, "cluster.tls_certificate",
             tls_certificate, "set if and only if cluster.tls_ca is")
    .require(tls_key.empty() != has_tls, "cluster.tls_key", tls_key,
             "set if and only if cluster.tls_ca is")
    .file("cluster.tls_ca", tls_ca)
    .file("cluster.tls_certificate", tls_certificate)
    .file("cluster.tls_key", tls_key)
    .require(
      base::is_loopback(here.host) || has_tls || allow_plaintext,
      "cluster.listen", listen,
      "on 127.0.0.1 or [::1] without TLS, since whoever reaches it has full "
      "control of the cluster. Set cluster.tls_ca, "
      "cluster.tls_certificate and cluster.tls_key; or, if only nodes "
      "can reach it, cluster.allow_plaintext");
  return check.result();
}

caf::error cluster_config::validate_for(const config& server) const {
  checker check;
  check.require(max_queue_bytes >= server.max_message_size + node_overhead,
                "cluster.max_queue_bytes", max_queue_bytes,
                "at least " + words(server.max_message_size + node_overhead)
                  + ": max_message_size and " + words(node_overhead)
                  + " for the way");
  return check.result();
}

} // namespace troupe
