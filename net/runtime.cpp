#include "troupe/runtime.hpp"

#include "base/enum_option.hpp"
#include "base/options.hpp"
#include "net/basp/basp_transport.hpp"
#include "net/runtime/node_id.hpp"
#include "net/runtime/roster.hpp"
#include "net/runtime/scheduler.hpp"
#include "troupe/error.hpp"

#include <caf/config_option.hpp>
#include <caf/config_option_set.hpp>
#include <caf/make_config_option.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

namespace troupe {

namespace {

constexpr size_t most_threads = 1024;

} // namespace

// -- construction -------------------------------------------------------------

runtime_config::runtime_config() : roster_{std::make_unique<net::roster>()} {
  profiler = roster_.get();
  caf_options_ = custom_options_.size();
  config_file_path.clear(); // Keeps `parse` from reading a file as well.
  auto is_file_option = [](const auto& x) {
    return x.full_name() == "global.config-file";
  };
  *std::find_if(custom_options_.begin(), custom_options_.end(), is_file_option)
    = caf::make_config_option(config_file_path, "global", "config-file",
                              "configuration file (default: none)");
  add_options();
  troupe::add_message_types(*this);
  auto category = make_error(errc::invalid_config).category();
  add_error_category(category, [](uint8_t code, caf::atom_value x,
                                  const caf::message& context) {
    return what(caf::error{code, x, context});
  });
  module_factories.emplace_back([this](caf::actor_system& sys) {
    return new net::scheduler(sys, threads, slow_handler);
  });
  module_factories.emplace_back(net::make_random_node_id);
}

runtime_config::~runtime_config() = default;

void runtime_config::add_options() {
  opt_group{custom_options_, "global"}
    .add(http.host, "host", "name or numeric address to listen on")
    .add(http.port, "port,p", "TCP port to listen on; 0: any free port")
    .add(threads, "threads,t",
         "number of runtime threads; 0: one per processor")
    .add(slow_handler, "slow-handler",
         "duration after which a handler is logged as slow");
  opt_group{custom_options_, "ws"}
    .add(ws.event_prefix, "event-prefix",
         "prefix that marks a message as an event")
    .add(ws.binary_messages, "binary-messages",
         "binary frames for all outbound messages")
    .add(ws.subprotocols, "subprotocols",
         "supported subprotocols in order of preference")
    .add(ws.enable_compression, "enable-compression",
         "message compression by permessage-deflate")
    .add(ws.compression_level, "compression-level",
         "compression level, 1 (fastest) to 9 (smallest)")
    .add(ws.compression_threshold, "compression-threshold",
         "minimum size of a compressed message, in bytes")
    .add(ws.max_message_size, "max-message-size",
         "maximum size of an inbound message, in bytes")
    .add(ws.handshake_timeout, "handshake-timeout",
         "time limit for request and handshake")
    .add(ws.write_timeout, "write-timeout",
         "time limit for a write without progress")
    .add(ws.read_timeout, "read-timeout",
         "time limit for the next message; 0s: no limit")
    .add(ws.pong_timeout, "pong-timeout", "time limit for the answer to a ping")
    .add(ws.ping_period, "ping-period",
         "interval between pings to a silent client")
    .add(ws.close_timeout, "close-timeout",
         "time limit for the closing handshake")
    .add(ws.read_buffer_size, "read-buffer-size",
         "minimum growth of a receive buffer, in bytes")
    .add(ws.write_buffer_size, "write-buffer-size",
         "output gathered before a write, in bytes")
    .add(ws.max_queue_bytes, "max-queue-bytes",
         "maximum size of a send queue, in bytes")
    .add(ws.max_queue_messages, "max-queue-messages",
         "maximum size of a send queue, in messages")
    .add(ws.max_output_bytes, "max-output-bytes",
         "maximum output of one callback, in bytes")
    .add(ws.max_backlog_bytes, "max-backlog-bytes",
         "maximum backlog of rooms for one thread, in bytes")
    .add(ws.max_rooms_per_connection, "max-rooms-per-connection",
         "maximum number of rooms of one connection")
    .add(ws.max_rooms, "max-rooms", "maximum number of rooms of one endpoint")
    .add(ws.max_unread_batches, "max-unread-batches",
         "maximum number of unread batches of an actor")
    .add(ws.max_unread_bytes, "max-unread-bytes",
         "maximum size of unread batches of an actor, in bytes")
    .add(ws.inbound_credit, "inbound-credit",
         "maximum number of unprocessed messages of a client")
    .add(ws.max_messages_per_second, "max-messages-per-second",
         "maximum rate of messages of a client; 0: no limit")
    .add(ws.max_bytes_per_second, "max-bytes-per-second",
         "maximum rate of bytes of a client; 0: no limit")
    .add(ws.max_control_frames_per_second, "max-control-frames-per-second",
         "maximum rate of pings and pongs of a client; 0: no limit")
    .add(ws.allow_any_origin, "allow-any-origin",
         "handshakes from every origin (unsafe)")
    .add(ws.allowed_origins, "allowed-origins",
         "allowed origins besides the same origin");
  custom_options_
    .add(base::make_enum_option(ws.on_overflow, "ws", "on-overflow",
                                "policy for slow receivers"))
    .add(base::make_enum_option(
      ws.on_id_conflict, "ws", "on-id-conflict",
      "which connection to close when two claim one id"));
  custom_options_
    .add(
      base::make_enum_option(log.level, "log", "level", "lowest level to log"))
    .add(base::make_enum_option(log.format, "log", "format",
                                "format of log lines"));
  opt_group{custom_options_, "log"}.add(
    log.quota, "quota",
    "lines per second of a kind caused by clients; 0: no limit");
  opt_group{custom_options_, "http"}
    .add(http.max_header_size, "max-header-size",
         "maximum size of a request head, in bytes")
    .add(http.request_timeout, "request-timeout",
         "time limit for a request head")
    .add(http.keep_alive_timeout, "keep-alive-timeout",
         "time limit for the next request")
    .add(http.max_requests_per_connection, "max-requests-per-connection",
         "maximum number of requests on one connection")
    .add(http.trusted_proxies, "trusted-proxies",
         "prefixes of proxies that name their clients")
    .add(http.proxy_protocol, "proxy-protocol",
         "connections begin with a header of the PROXY protocol")
    .add(http.allowed_hosts, "allowed-hosts",
         "values of Host that are served; *: all")
    .add(http.public_url, "public-url", "URL under which clients connect");
  custom_options_.add(
    base::make_enum_option(http.proxy_header, "http", "proxy-header",
                           "header in which trusted proxies name a client"));
  auto& limits = http.limits;
  opt_group{custom_options_, "limits"}
    .add(limits.connections, "connections",
         "maximum number of connections; 0: as file descriptors permit")
    .add(limits.connections_per_address, "connections-per-address",
         "maximum number of connections from one address; 0: no limit")
    .add(limits.pending, "pending",
         "maximum number of connections without a complete request")
    .add(limits.pending_per_address, "pending-per-address",
         "maximum number of these from one address; 0: no limit")
    .add(limits.handshakes_per_second, "handshakes-per-second",
         "maximum rate of new connections from one address; 0: no limit")
    .add(limits.allow, "allow", "prefixes of clients that are served")
    .add(limits.deny, "deny", "prefixes of clients that are not served");
  opt_group{custom_options_, "cluster"}
    .add(cluster.listen, "listen", "HOST:PORT to listen on for other nodes")
    .add(cluster.join, "join", "HOST:PORT of nodes to connect to first")
    .add(cluster.name, "name", "name of the cluster")
    .add(cluster.advertise, "advertise",
         "HOST:PORT to announce, if not that of listen")
    .add(cluster.heartbeat, "heartbeat", "interval between heartbeats")
    .add(cluster.timeout, "timeout", "time limit for a silent node")
    .add(cluster.max_queue_bytes, "max-queue-bytes",
         "maximum size of the queue for a node, in bytes")
    .add(cluster.tls_ca, "tls-ca", "PEM file with the certificate authority")
    .add(cluster.tls_certificate, "tls-certificate",
         "PEM file with the certificate of this node")
    .add(cluster.tls_key, "tls-key",
         "PEM file with the private key of this node")
    .add(cluster.allow_plaintext, "allow-plaintext",
         "no TLS on addresses other than loopback (unsafe)");
  custom_options_.add(base::make_enum_option(
    cluster.on_overflow, "cluster", "on-overflow", "policy for slow nodes"));
}

// -- reading ------------------------------------------------------------------

caf::error runtime_config::read(int argc, char** argv) {
  return read(string_list(argv + std::min(argc, 1), argv + argc));
}

caf::error runtime_config::read(string_list args) {
  if (std::any_of(args.begin(), args.end(), options::asks_for_help)) {
    std::cout << options::help(custom_options_, caf_options_) << std::flush;
    cli_helptext_printed = true;
    return caf::none;
  }
  args = options::join_values(custom_options_, args);
  // In this order: each source overwrites the previous one.
  if (auto path = options::config_file(args); !path.empty())
    if (auto err = read_file(path))
      return err;
  if (auto err = read_environment())
    return err;
  if (auto err = options::check_arguments(custom_options_, args))
    return err;
  std::istringstream no_file;
  if (auto err = parse(std::move(args), no_file))
    return err;
  if (auto err = validate())
    return err;
  set_log_config(log);
  if (cluster.enabled() && !std::exchange(has_basp_, true))
    net::load_basp(*this, cluster);
  return caf::none;
}

caf::error runtime_config::read_file(const std::string& path) {
  std::ifstream in{path};
  if (!in)
    return options::invalid(path + ": cannot open this file");
  // Parsed without options, since CAF would silently drop values of the wrong
  // type and ignore options in braces.
  auto file = parse_config(in);
  if (!file)
    return options::invalid(path + ": " + what(file.error()));
  if (auto why = options::check_file(custom_options_, *file); !why.empty())
    return options::invalid(path + ": " + why);
  for (auto& [key, value] : *file)
    if (auto* group = caf::get_if<caf::settings>(&value))
      for (auto& [name, x] : *group)
        assign(key, name, std::move(x));
    else
      assign("global", key, std::move(value));
  return caf::none;
}

caf::error runtime_config::read_environment() {
  for (const auto& option : custom_options_) {
    auto name = options::variable(option);
    if (auto why = options::find_old_variable(custom_options_, option);
        !why.empty())
      return options::invalid(why);
    const char* text = std::getenv(name.c_str());
    if (text == nullptr || *text == '\0')
      continue;
    auto value = option.parse(std::string{text});
    if (!value)
      return options::invalid(name + '=' + text + ": the value must be "
                              + options::kind(option));
    assign(options::str(option.category()), options::str(option.long_name()),
           std::move(*value));
  }
  return caf::none;
}

/// Sets an option in the same way as CAF.
void runtime_config::assign(const std::string& group, const std::string& name,
                            caf::config_value value) {
  if (const auto* option = custom_options_.qualified_name_lookup(group, name))
    option->store(value);
  auto& entries = group == "global" ? content : content[group].as_dictionary();
  entries.insert_or_assign(name, std::move(value));
}

caf::error runtime_config::validate() const {
  if (threads > most_threads)
    return options::invalid("threads is " + std::to_string(threads)
                            + ", but must be at most "
                            + std::to_string(most_threads));
  if (slow_handler <= caf::timespan{0})
    return options::invalid("slow-handler must be more than 0");
  if (auto err = http.validate())
    return err;
  if (auto err = ws.validate())
    return err;
  if (auto err = cluster.validate())
    return err;
  return cluster.enabled() ? cluster.validate_for(ws) : caf::none;
}

} // namespace troupe
