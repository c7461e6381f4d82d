#include "net/http/client_filter.hpp"

#include "net/http/handshake.hpp"
#include "net/runtime/descriptor_limit.hpp"
#include "net/runtime/peer_log.hpp"
#include "troupe/log.hpp"

#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <chrono>
#include <string>
#include <utility>

namespace troupe::net {

using boost::beast::http::status;

namespace {

constexpr const char* retry_later = "Retry-After: 10\r\n";

base::ip_address address_of(const tcp::endpoint& x) {
  return base::unmapped(x.address());
}

} // namespace

client_filter::client_filter(const listener_config& cfg)
  : connections_{cfg.for_operators ? address_table::of_operators()
                                   : address_table::of_process()},
    waiting_{cfg.for_operators ? pending_table::of_operators()
                               : pending_table::of_process()},
    proxies_{cfg},
    hosts_{cfg},
    proxy_protocol_{cfg.proxy_protocol},
    is_encrypted_{cfg.tls.is_enabled()},
    allow_{base::parse_prefixes(cfg.limits.allow)},
    deny_{base::parse_prefixes(cfg.limits.deny)},
    max_connections_{cfg.limits.connections > 0
                       ? cfg.limits.connections
                       : descriptors_for_connections()},
    of_address_{cfg.limits.connections_per_address,
                cfg.limits.handshakes_per_second},
    pending_{cfg.limits.pending, cfg.limits.pending_per_address} {
}

void client_filter::tell_settings() const {
  if (auto most = descriptors_for_connections(); max_connections_ > most)
    log(log_level::warning, {.category = "http"},
        "limits.connections is " + std::to_string(max_connections_)
          + ", but the file descriptors of the process (ulimit -n) suffice for "
          + std::to_string(most));
  if (hosts_.is_open_by_default())
    log(log_level::info, {.category = "http"},
        "requests for any host are served, since neither http.allowed-hosts "
        "nor http.public-url is set");
}

listener_stats client_filter::stats() const {
  return {
    .connections_accepted = stats_.accepted,
    .connections_refused = stats_.refused,
    .requests_refused = stats_.requests_refused,
    .pending_closed = stats_.pending_closed,
    .hosts_refused = stats_.hosts_refused,
    .proxy_headers_refused = stats_.proxies_refused,
  };
}

// -- sockets ------------------------------------------------------------------

bool client_filter::accept(const descriptor& socket, connection_place& place,
                           const tcp::endpoint& peer) {
  if (auto why = enter(place); why != verdict::accepted) {
    turn_away(socket, address_of(peer), why);
    return false;
  }
  if (proxy_protocol_ && !proxies_.trusts(address_of(peer))) {
    refuse_proxy(peer, "not a trusted proxy");
    return false;
  }
  if (!proxy_protocol_ && !assign(socket, place, peer))
    return false;
  ++stats_.accepted;
  return true;
}

bool client_filter::assign(const descriptor& socket, connection_place& place,
                           const tcp::endpoint& client) {
  auto why = assign(place, address_of(client));
  if (why != verdict::accepted)
    turn_away(socket, address_of(client), why);
  return why == verdict::accepted;
}

void client_filter::refuse_proxy(const tcp::endpoint& peer,
                                 std::string_view why) {
  ++stats_.proxies_refused;
  tell(address_of(peer), "refused, " + std::string{why});
}

void client_filter::await_request(pending_table::entry& x,
                                  const base::ip_address& peer,
                                  worker& event_loop,
                                  std::function<void()> close) {
  waiting_.add(
    x, key_of(peer),
    [this, peer, &event_loop, close = std::move(close)] {
      ++stats_.pending_closed;
      tell(peer, "closed, too many connections wait for a request");
      asio::post(event_loop.io(), close);
    },
    pending_);
}

/// Sends the response at once, without reading the request: a client that is
/// refused shall not take up anything.
void client_filter::turn_away(const descriptor& socket,
                              const base::ip_address& client, verdict why) {
  auto words = to_refusal(why);
  ++stats_.refused;
  tell(client, words);
  if (why == verdict::denied || is_encrypted_)
    return;
  auto bytes = begin_reply(words) + "Connection: close\r\n\r\n" + words.why;
  ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(socket.get(), SHUT_WR);
}

// -- requests -----------------------------------------------------------------

std::optional<refusal> client_filter::check(const request& req,
                                            const base::ip_address& client) {
  auto wrong = hosts_.check(req.host());
  if (wrong) {
    ++stats_.hosts_refused;
  } else if (!serves(client)) {
    ++stats_.requests_refused;
    wrong = to_refusal(verdict::denied);
  }
  if (wrong)
    tell(client, *wrong);
  return wrong;
}

std::optional<refusal> client_filter::admit(connection_place& place,
                                            const base::ip_address& client) {
  auto why = assign(place, client);
  if (why == verdict::accepted)
    return std::nullopt;
  ++stats_.requests_refused;
  auto wrong = to_refusal(why);
  tell(client, wrong);
  return wrong;
}

// -- limits -------------------------------------------------------------------

refusal client_filter::to_refusal(verdict x) {
  constexpr auto limit = handshake_result::limit;
  if (x == verdict::denied)
    return {status::forbidden, "this address is not served", {}, limit};
  if (x == verdict::full)
    return {status::service_unavailable, "too many connections", retry_later,
            limit};
  if (x == verdict::too_many)
    return {status::too_many_requests, "too many connections from this address",
            retry_later, limit};
  return {status::too_many_requests,
          "too many new connections from this address", retry_later, limit};
}

auto client_filter::enter(connection_place& place) const -> verdict {
  place = connection_place{connections_};
  return connections_.connections() > max_connections_ ? verdict::full
                                                       : verdict::accepted;
}

auto client_filter::assign(connection_place& place,
                           const base::ip_address& client) const -> verdict {
  if (!serves(client))
    return verdict::denied;
  auto key = key_of(client);
  if (key == address_key::none
      || (of_address_.connections == 0 && of_address_.per_second == 0))
    return verdict::accepted;
  switch (place.assign(key, of_address_, std::chrono::steady_clock::now())) {
    case address_table::verdict::too_many:
      return verdict::too_many;
    case address_table::verdict::too_fast:
      return verdict::too_fast;
    default:
      return verdict::accepted;
  }
}

bool client_filter::serves(const base::ip_address& client) const noexcept {
  return !contains(deny_, client)
         && (allow_.empty() || contains(allow_, client)
             || proxies_.trusts(client));
}

address_key client_filter::key_of(const base::ip_address& client) const {
  return client.is_loopback() || proxies_.trusts(client) ? address_key::none
                                                         : to_key(client);
}

void client_filter::tell(const base::ip_address& client, refusal& why) {
  tell(client, "refused, " + why.why);
  why.is_logged = true;
}

/// Logs one line for each address and minute.
void client_filter::tell(const base::ip_address& client,
                         std::string_view what) {
  auto omitted = refusals_.note(to_key(client),
                                std::chrono::steady_clock::now());
  if (!omitted)
    return;
  std::string line{what};
  if (*omitted > 0)
    line += "; " + std::to_string(*omitted) + " more since the last line";
  log_peer("http", client.to_string(), line);
}

} // namespace troupe::net
