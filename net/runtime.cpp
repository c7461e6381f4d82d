#include "troupe/runtime.hpp"

#include "base/address.hpp"
#include "base/config_text.hpp"
#include "base/enum_option.hpp"
#include "base/options.hpp"
#include "net/basp/basp_transport.hpp"
#include "net/basp/tls_context.hpp"
#include "net/http/tls_certificates.hpp"
#include "net/inspector.hpp"
#include "net/runtime/inherited_sockets.hpp"
#include "net/runtime/node_id.hpp"
#include "net/runtime/roster.hpp"
#include "net/runtime/scheduler.hpp"
#include "troupe/error.hpp"

#include <caf/config_option.hpp>
#include <caf/config_option_set.hpp>
#include <caf/make_config_option.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>
#include <utility>

namespace troupe {

namespace {

constexpr size_t most_threads = 1024;

constexpr caf::timespan longest_drain = std::chrono::hours{1};

/// Options that a configuration file should not repeat.
constexpr std::array not_in_files{"config-file", "check-config",
                                  "print-config"};

/// Returns whether users other than the owner and the group may read or write
/// `file`.
bool is_open_to_all(const std::string& file) {
  struct stat x {};
  return ::stat(file.c_str(), &x) == 0
         && (x.st_mode & (S_IROTH | S_IWOTH)) != 0;
}

/// Returns what is wrong; empty if nothing.
std::string fault_of(const admin_config& x) {
  auto where = base::parse_address(x.listen);
  if (!x.listen.empty() && !where)
    return "admin.listen is \"" + x.listen + "\", but must be HOST:PORT";
  if (!x.inspector)
    return {};
  if (!where)
    return "admin.inspector needs admin.listen";
  if (x.token_file.empty() && !base::is_loopback(where->host))
    return "admin.inspector needs admin.token-file on " + where->host
           + ", which other machines may reach";
  return {};
}

} // namespace

// -- construction -------------------------------------------------------------

runtime_config::runtime_config() : roster_{std::make_unique<net::roster>()} {
  profiler = roster_.get();
  replace_caf_options();
  caf_options_ = custom_options_.size();
  add_options();
  troupe::add_message_types(*this);
  auto category = make_error(errc::invalid_config).category();
  add_error_category(category, [](uint8_t code, caf::atom_value x,
                                  const caf::message& context) {
    return what(caf::error{code, x, context});
  });
  module_factories.emplace_back([this](caf::actor_system& sys) {
    return new net::scheduler(sys, threads, slow_handler,
                              http.limits.queued_bytes);
  });
  module_factories.emplace_back(net::make_random_node_id);
}

runtime_config::~runtime_config() = default;

void runtime_config::replace_caf_options() {
  auto replace = [this](std::string_view full_name, caf::config_option by) {
    auto is_it = [=](const auto& x) {
      return options::str(x.full_name()) == full_name;
    };
    *std::find_if(custom_options_.begin(), custom_options_.end(), is_it)
      = std::move(by);
  };
  config_file_path.clear(); // Keeps `parse` from reading a file as well.
  replace("global.config-file",
          caf::make_config_option(config_file_path, "global", "config-file",
                                  "configuration file (default: none)"));
  // CAF prints settings that its own parser rejects.
  replace("global.dump-config",
          caf::make_config_option(
            print_config_, "global", "print-config",
            "print the settings as a configuration file and exit"));
  opt_group{custom_options_, "global"}.add(check_config_, "check-config",
                                           "check the settings and exit");
}

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
    .add(ws.max_unsent_bytes, "max-unsent-bytes",
         "unsent output of a connection in the kernel, in bytes; 0: automatic")
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
  opt_group{custom_options_, "log"}
    .add(log.quota, "quota",
         "lines per second of a kind caused by clients; 0: no limit")
    .add(access_log, "access",
         "file for requests and connections as lines of JSON; -: standard "
         "output");
  opt_group{custom_options_, "http"}
    .add(http.max_header_size, "max-header-size",
         "maximum size of a request head, in bytes")
    .add(http.max_body_size, "max-body-size",
         "maximum size of a request body, in bytes; 0: no bodies")
    .add(http.request_timeout, "request-timeout",
         "time limit for a request, head and body")
    .add(http.keep_alive_timeout, "keep-alive-timeout",
         "time limit for the next request")
    .add(http.max_waiting_requests, "max-waiting-requests",
         "maximum number of requests that wait for the program")
    .add(http.response_timeout, "response-timeout",
         "time limit for the program's response to a request")
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
    .add(limits.queued_bytes, "queued-bytes",
         "maximum output that waits for clients, in bytes; 0: automatic")
    .add(limits.allow, "allow", "prefixes of clients that are served")
    .add(limits.deny, "deny", "prefixes of clients that are not served");
  opt_group{custom_options_, "admin"}
    .add(admin.listen, "listen", "HOST:PORT to listen on for GET /metrics")
    .add(admin.inspector, "inspector",
         "page with rooms and connections at /inspector/")
    .add(admin.token_file, "token-file",
         "file with the token that the inspector asks for")
    .add(admin.allowed_hosts, "allowed-hosts", "further names of that port");
  opt_group{custom_options_, "drain"}
    .add(drain.delay, "delay",
         "time between the 503 of /readyz and the end of the port")
    .add(drain.window, "window",
         "time over which connections are closed; 0s: at once")
    .add(drain.patience, "patience",
         "time after that for clients to end and for slow nodes");
  opt_group{custom_options_, "tls"}
    .add(http.tls.certificates, "certificate",
         "PEM files with the certificates of the HTTP port")
    .add(http.tls.keys, "key", "PEM files with their private keys")
    .add(http.tls.client_ca, "client-ca",
         "PEM file with the certificate authorities of clients")
    .add(http.tls.hsts, "hsts",
         "time for which browsers must use TLS; 0s: not said");
  custom_options_
    .add(base::make_enum_option(http.tls.client_auth, "tls", "client-auth",
                                "certificates of clients"))
    .add(base::make_enum_option(http.tls.min_version, "tls", "min-version",
                                "lowest version of TLS"));
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
  net::inherited_sockets::of_process(); // before there are other threads
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
  if (auto err = read_arguments(std::move(args)))
    return err;
  if (auto err = validate())
    return err;
  if (check_config_ || print_config_)
    return report();
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
  options::for_each_setting(*file, [&](const auto& group, const auto& name,
                                       const caf::config_value& value) {
    assign(group, name, value, path);
  });
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
           *value, name);
  }
  return caf::none;
}

caf::error runtime_config::read_arguments(string_list args) {
  caf::settings values;
  if (auto err = options::check_arguments(custom_options_, args, values))
    return err;
  options::for_each_setting(values, [&](const auto& group, const auto& name,
                                        const caf::config_value&) {
    sources_[options::full_name(group, name)] = "command line";
  });
  std::istringstream no_file;
  return parse(std::move(args), no_file);
}

/// Sets an option in the same way as CAF.
void runtime_config::assign(const std::string& group, const std::string& name,
                            const caf::config_value& value,
                            std::string source) {
  if (const auto* option = custom_options_.qualified_name_lookup(group, name))
    option->store(value);
  auto& entries = group == "global" ? content : content[group].as_dictionary();
  entries.insert_or_assign(name, value);
  sources_[options::full_name(group, name)] = std::move(source);
}

caf::error runtime_config::validate() const {
  if (threads > most_threads)
    return options::invalid("threads is " + std::to_string(threads)
                            + ", but must be at most "
                            + std::to_string(most_threads));
  if (slow_handler <= caf::timespan{0})
    return options::invalid("slow-handler must be more than 0");
  if (auto why = fault_of(admin); !why.empty())
    return options::invalid(why);
  for (auto x : {drain.delay, drain.window, drain.patience})
    if (x < caf::timespan{0} || x > longest_drain)
      return options::invalid("the times of drain must be 0 to 1h");
  if (auto err = http.validate())
    return err;
  if (auto err = ws.validate())
    return err;
  if (auto err = cluster.validate())
    return err;
  return cluster.enabled() ? cluster.validate_for(ws) : caf::none;
}

// -- reporting ----------------------------------------------------------------

/// Does what `--check-config` and `--print-config` ask for.
caf::error runtime_config::report() {
  if (net::tls_context tls{cluster}; !cluster.tls_ca.empty() && !tls.current())
    return options::invalid(tls.problem());
  if (http.tls.is_enabled())
    if (auto err = net::tls_certificates{http.tls}.read())
      return err;
  if (!admin.token_file.empty())
    if (auto token = read_token(admin.token_file); !token)
      return token.error();
  for (const auto& x : warnings())
    std::cerr << "warning: " << x << std::endl;
  for (const auto* name : not_in_files)
    sources_.erase(name);
  if (print_config_)
    std::cout << options::config_text(custom_options_, caf_options_, content,
                                      sources_)
              << std::flush;
  else
    std::cout << "the settings are valid" << std::endl;
  cli_helptext_printed = true;
  return caf::none;
}

/// Returns what is valid but unsafe.
std::vector<std::string> runtime_config::warnings() const {
  std::vector<std::string> result;
  if (!base::is_loopback(http.host))
    result.push_back("host is " + http.host + ": other machines can connect"
                     + (http.tls.is_enabled() ? "" : ", without encryption"));
  if (ws.allow_any_origin)
    result.push_back(
      "ws.allow-any-origin: the pages of all sites can connect "
      "in the name of their visitors");
  if (cluster.allow_plaintext && cluster.tls_ca.empty())
    result.push_back(
      "cluster.allow-plaintext: whoever reaches the port for "
      "nodes has full control of the cluster");
  if (is_open_to_all(cluster.tls_key))
    result.push_back(cluster.tls_key + ": all users of this machine can read "
                     "or write this private key");
  if (is_open_to_all(admin.token_file))
    result.push_back(admin.token_file + ": all users of this machine can read "
                     "or write this token");
  return result;
}

} // namespace troupe
