#include "net/option_table.hpp"

#include "base/enum_option.hpp"

#include <caf/config_option_adder.hpp>

namespace troupe::net {

void add_options(caf::config_option_set& all, runtime_config& cfg) {
  caf::config_option_adder{all, "global"}
    .add(cfg.http.host, "host", "name or numeric address to listen on")
    .add(cfg.http.port, "port,p", "TCP port to listen on; 0: any free port")
    .add(cfg.threads, "threads,t",
         "number of runtime threads; 0: one per processor")
    .add(cfg.slow_handler, "slow-handler",
         "duration after which a handler is logged as slow");
  caf::config_option_adder{all, "ws"}
    .add(cfg.ws.event_prefix, "event-prefix",
         "prefix that marks a message as an event")
    .add(cfg.ws.binary_messages, "binary-messages",
         "binary frames for all outbound messages")
    .add(cfg.ws.enable_protocol_2, "enable-protocol-2",
         "version 2 of the protocol for clients that offer it")
    .add(cfg.ws.subprotocols, "subprotocols",
         "supported subprotocols in order of preference")
    .add(cfg.ws.enable_compression, "enable-compression",
         "message compression by permessage-deflate")
    .add(cfg.ws.compression_level, "compression-level",
         "compression level, 1 (fastest) to 9 (smallest)")
    .add(cfg.ws.compression_threshold, "compression-threshold",
         "minimum size of a compressed message, in bytes")
    .add(cfg.ws.max_message_size, "max-message-size",
         "maximum size of an inbound message, in bytes")
    .add(cfg.ws.handshake_timeout, "handshake-timeout",
         "time limit for request and handshake")
    .add(cfg.ws.write_timeout, "write-timeout",
         "time limit for a write without progress")
    .add(cfg.ws.read_timeout, "read-timeout",
         "time limit for the next message; 0s: no limit")
    .add(cfg.ws.pong_timeout, "pong-timeout",
         "time limit for the answer to a ping")
    .add(cfg.ws.ping_period, "ping-period",
         "interval between pings to a silent client")
    .add(cfg.ws.beat_period, "beat-period",
         "time without output after which a client of version 2 gets a beat")
    .add(cfg.ws.close_timeout, "close-timeout",
         "time limit for the closing handshake")
    .add(cfg.ws.read_buffer_size, "read-buffer-size",
         "minimum growth of a receive buffer, in bytes")
    .add(cfg.ws.write_buffer_size, "write-buffer-size",
         "output gathered before a write, in bytes")
    .add(cfg.ws.max_queue_bytes, "max-queue-bytes",
         "maximum size of a send queue, in bytes")
    .add(cfg.ws.max_queue_messages, "max-queue-messages",
         "maximum size of a send queue, in messages")
    .add(cfg.ws.max_unsent_bytes, "max-unsent-bytes",
         "unsent output of a connection in the kernel, in bytes; 0: automatic")
    .add(cfg.ws.max_output_bytes, "max-output-bytes",
         "maximum output of one callback, in bytes")
    .add(cfg.ws.max_backlog_bytes, "max-backlog-bytes",
         "maximum backlog of rooms for one thread, in bytes")
    .add(cfg.ws.max_requests, "max-requests",
         "maximum number of unanswered requests of a client")
    .add(cfg.ws.max_rooms_per_connection, "max-rooms-per-connection",
         "maximum number of rooms of one connection")
    .add(cfg.ws.max_rooms, "max-rooms",
         "maximum number of rooms of one endpoint")
    .add(cfg.ws.max_unread_batches, "max-unread-batches",
         "maximum number of unread batches of an actor")
    .add(cfg.ws.max_unread_bytes, "max-unread-bytes",
         "maximum size of unread batches of an actor, in bytes")
    .add(cfg.ws.inbound_credit, "inbound-credit",
         "maximum number of unprocessed messages of a client")
    .add(cfg.ws.max_messages_per_second, "max-messages-per-second",
         "maximum rate of messages of a client; 0: no limit")
    .add(cfg.ws.max_bytes_per_second, "max-bytes-per-second",
         "maximum rate of bytes of a client; 0: no limit")
    .add(cfg.ws.max_control_frames_per_second, "max-control-frames-per-second",
         "maximum rate of pings and pongs of a client; 0: no limit")
    .add(cfg.ws.allow_any_origin, "allow-any-origin",
         "handshakes from every origin (unsafe)")
    .add(cfg.ws.allowed_origins, "allowed-origins",
         "allowed origins besides the same origin");
  all
    .add(base::make_enum_option(cfg.ws.on_overflow, "ws", "on-overflow",
                                "policy for slow receivers"))
    .add(base::make_enum_option(
      cfg.ws.on_id_conflict, "ws", "on-id-conflict",
      "which connection to close when two claim one id"));
  all
    .add(base::make_enum_option(cfg.log.level, "log", "level",
                                "lowest level to log"))
    .add(base::make_enum_option(cfg.log.format, "log", "format",
                                "format of log lines"));
  caf::config_option_adder{all, "log"}
    .add(cfg.log.quota, "quota",
         "lines per second of a kind caused by clients; 0: no limit")
    .add(cfg.access_log, "access",
         "file for requests and connections as lines of JSON; -: standard "
         "output");
  caf::config_option_adder{all, "http"}
    .add(cfg.http.max_header_size, "max-header-size",
         "maximum size of a request head, in bytes")
    .add(cfg.http.max_body_size, "max-body-size",
         "maximum size of a request body, in bytes; 0: no bodies")
    .add(cfg.http.request_timeout, "request-timeout",
         "time limit for a request, head and body")
    .add(cfg.http.keep_alive_timeout, "keep-alive-timeout",
         "time limit for the next request")
    .add(cfg.http.max_waiting_requests, "max-waiting-requests",
         "maximum number of requests that wait for the program")
    .add(cfg.http.response_timeout, "response-timeout",
         "time limit for the program's response to a request")
    .add(cfg.http.max_requests_per_connection, "max-requests-per-connection",
         "maximum number of requests on one connection")
    .add(cfg.http.trusted_proxies, "trusted-proxies",
         "prefixes of proxies that name their clients")
    .add(cfg.http.proxy_protocol, "proxy-protocol",
         "connections begin with a header of the PROXY protocol")
    .add(cfg.http.allowed_hosts, "allowed-hosts",
         "values of Host that are served; *: all")
    .add(cfg.http.public_url, "public-url", "URL under which clients connect");
  all.add(
    base::make_enum_option(cfg.http.proxy_header, "http", "proxy-header",
                           "header in which trusted proxies name a client"));
  auto& limits = cfg.http.limits;
  caf::config_option_adder{all, "limits"}
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
  caf::config_option_adder{all, "admin"}
    .add(cfg.admin.listen, "listen", "HOST:PORT to listen on for GET /metrics")
    .add(cfg.admin.inspector, "inspector",
         "page with rooms and connections at /inspector/")
    .add(cfg.admin.token_file, "token-file",
         "file with the token that the inspector asks for")
    .add(cfg.admin.allowed_hosts, "allowed-hosts",
         "further names of that port");
  caf::config_option_adder{all, "drain"}
    .add(cfg.drain.delay, "delay",
         "time between the 503 of /readyz and the end of the port")
    .add(cfg.drain.window, "window",
         "time over which connections are closed; 0s: at once")
    .add(cfg.drain.patience, "patience",
         "time after that for clients to end and for slow nodes");
  caf::config_option_adder{all, "tls"}
    .add(cfg.http.tls.certificates, "certificate",
         "PEM files with the certificates of the HTTP port")
    .add(cfg.http.tls.keys, "key", "PEM files with their private keys")
    .add(cfg.http.tls.client_ca, "client-ca",
         "PEM file with the certificate authorities of clients")
    .add(cfg.http.tls.hsts, "hsts",
         "time for which browsers must use TLS; 0s: not said");
  all
    .add(base::make_enum_option(cfg.http.tls.client_auth, "tls", "client-auth",
                                "certificates of clients"))
    .add(base::make_enum_option(cfg.http.tls.min_version, "tls", "min-version",
                                "lowest version of TLS"));
  caf::config_option_adder{all, "cluster"}
    .add(cfg.cluster.listen, "listen", "HOST:PORT to listen on for other nodes")
    .add(cfg.cluster.join, "join", "HOST:PORT of nodes to connect to first")
    .add(cfg.cluster.name, "name", "name of the cluster")
    .add(cfg.cluster.advertise, "advertise",
         "HOST:PORT to announce, if not that of listen")
    .add(cfg.cluster.heartbeat, "heartbeat", "interval between heartbeats")
    .add(cfg.cluster.timeout, "timeout", "time limit for a silent node")
    .add(cfg.cluster.max_queue_bytes, "max-queue-bytes",
         "maximum size of the queue for a node, in bytes")
    .add(cfg.cluster.tls_ca, "tls-ca",
         "PEM file with the certificate authority")
    .add(cfg.cluster.tls_certificate, "tls-certificate",
         "PEM file with the certificate of this node")
    .add(cfg.cluster.tls_key, "tls-key",
         "PEM file with the private key of this node")
    .add(cfg.cluster.allow_plaintext, "allow-plaintext",
         "no TLS on addresses other than loopback (unsafe)");
  all.add(base::make_enum_option(cfg.cluster.on_overflow, "cluster",
                                 "on-overflow", "policy for slow nodes"));
}

} // namespace troupe::net
