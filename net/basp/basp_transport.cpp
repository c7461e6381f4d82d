#include "net/basp/basp_transport.hpp"

#include "base/address.hpp"
#include "net/basp/basp_link.hpp"
#include "net/basp/node_acceptor.hpp"
#include "net/basp/tls_context.hpp"
#include "net/basp/tls_handshake.hpp"
#include "net/runtime/dialer.hpp"
#include "net/runtime/peer_log.hpp"
#include "troupe/cluster.hpp"
#include "troupe/error.hpp"
#include "troupe/log.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

/// Time limit for BASP's handshake on a connected socket.
constexpr auto meeting_time = 3s;

/// Maximum number of addresses of a name that are tried although they lead to
/// this node.
constexpr size_t most_own_addresses = 16;

/// Returns the maximum size of a message. BASP allocates memory for a message
/// before it arrives; the limit is higher than anything that nodes send.
size_t max_payload(const cluster_config& cfg) {
  constexpr size_t least = 64 << 20;
  constexpr size_t most = size_t{2} << 30; // No message is larger.
  return std::max(least,
                  std::min(cfg.max_queue_bytes, most) + (size_t{1} << 20));
}

bool uses_tls(const cluster_config& cfg) {
  return !cfg.tls_ca.empty() || !cfg.tls_certificate.empty()
         || !cfg.tls_key.empty();
}

std::string in_words(const caf::error& err) {
  if (err == caf::sec::incompatible_application_ids)
    return "a node of another cluster, or of another version";
  if (err == caf::sec::request_timeout || err == caf::sec::connection_timeout)
    return "no handshake in time";
  if (err == caf::sec::disconnect_during_handshake)
    return "the connection was closed during the handshake";
  return what(err);
}

/// Closes the mailbox of `broker` when it terminates. CAF does so for all
/// actors except brokers, whose `cleanup` does not call that of their base
/// class. Otherwise a heartbeat that is due later would stay in the mailbox and
/// keep the broker, its sender, in memory.
void close_mailbox_at_end(const caf::actor& broker) {
  auto* self = static_cast<caf::scheduled_actor*>(
    caf::actor_cast<caf::abstract_actor*>(broker));
  broker->attach_functor([self](caf::error reason) {
    self->caf::scheduled_actor::cleanup(std::move(reason), nullptr);
  });
}

/// A request to connect to a node.
struct dial_request {
  base::address where;
  std::string address; ///< As requested, for the reply.
  caf::actor asks;
  bool is_last = false;  ///< Not to be retried.
  tcp::endpoint at = {}; ///< Remote endpoint of the socket.

  // Addresses of the name that lead to this node, and its membership.
  dialer::endpoints own = {};
  caf::actor own_membership = {};
};

/// Reports that no other node responded. If an address leads to this node, the
/// result is this node.
void fail(const dial_request& x, const std::string& why) {
  if (x.own_membership)
    caf::anon_send(x.asks, actors::reached{x.address, x.own_membership});
  else
    caf::anon_send(x.asks, actors::not_reached{
                             x.address, make_error(errc::no_such_node, why)});
}

/// Body of a short-lived actor. Asks BASP to perform the handshake with the
/// node at the other end of `link` and reports the result to `x.asks`.
/// @param again called to retry the request if that may help.
void meet(caf::event_based_actor* self, const caf::actor& basp,
          const basp_link_ptr& link, const dial_request& x,
          const std::function<void(dial_request)>& again) {
  self
    ->request(basp, meeting_time, caf::connect_atom_v,
              caf::io::scribe_ptr{link}, link->port())
    .then(
      [=](const caf::node_id&, const caf::strong_actor_ptr& peer,
          const std::set<std::string>&) {
        if (!peer)
          return fail(x, "the node does not accept other nodes");
        auto membership = caf::actor_cast<caf::actor>(peer);
        if (membership.node() != self->system().node())
          return self->send(x.asks, actors::reached{x.address, membership});
        auto next = x;
        next.own.push_back(x.at);
        next.own_membership = membership;
        if (next.own.size() < most_own_addresses)
          again(std::move(next));
        else
          fail(next, "all addresses lead to this node");
      },
      [=](const caf::error& err) {
        link->hang_up();
        // CAF's next heartbeat aborts handshakes of any age, so the request is
        // retried once.
        if (err != caf::sec::connection_timeout || x.is_last)
          return fail(x, in_words(err));
        auto next = x;
        next.is_last = true;
        again(std::move(next));
      });
}

class basp_transport final
  : public actors::cluster_transport,
    public std::enable_shared_from_this<basp_transport> {
public:
  basp_transport(caf::actor_system& sys, const cluster_config& cfg,
                 dialer::resolver resolve);
  ~basp_transport() override;

  caf::expected<uint16_t> listen(const std::string& address,
                                 caf::actor membership) override;
  void dial(const std::string& address, caf::actor asks) override;
  void stop() override;

private:
  using pending_peer_ptr = std::shared_ptr<node_acceptor::pending_peer>;

  template <class F>
  bool post(F job);
  void run();
  void send_for(const dial_request& x);

  // -- on the transport's thread ----------------------------------------------

  std::string problem();
  caf::expected<uint16_t> open(const base::address& where,
                               const caf::actor& membership);
  void connected(dial_request x, descriptor socket);
  std::shared_ptr<tls_handshake> greeting(descriptor socket,
                                          tls_handshake::receiver then);
  void introduce(const dial_request& x, const basp_link_ptr& link);
  void let_in(descriptor socket, const pending_peer_ptr& pending_peer);
  void admit(const basp_link_ptr& link, const pending_peer_ptr& pending_peer);
  void close();

  caf::actor_system& system_;
  const bool tls_;
  tls_context tls_context_;
  const size_t max_payload_;
  const std::chrono::milliseconds patience_;
  caf::actor basp_;
  asio::io_context io_;
  asio::executor_work_guard<io_executor> work_;
  dialer dialer_;
  node_acceptor acceptor_;
  caf::actor membership_;
  uint16_t port_ = 0;
  std::list<std::weak_ptr<tls_handshake>> greetings_; ///< In progress.
  std::mutex mutex_;
  bool stopped_ = false; ///< Guarded by `mutex_`.
  std::thread thread_;   ///< The last member, since the thread uses the others.
};

basp_transport::basp_transport(caf::actor_system& sys,
                               const cluster_config& cfg,
                               dialer::resolver resolve)
  : system_{sys},
    tls_{uses_tls(cfg)},
    tls_context_{cfg},
    max_payload_{max_payload(cfg)},
    patience_{
      std::chrono::duration_cast<std::chrono::milliseconds>(cfg.timeout)},
    basp_{
      sys.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"))},
    work_{io_.get_executor()},
    dialer_{io_, patience_, std::move(resolve)},
    acceptor_{io_, tls_ ? opening::tls : opening::basp,
              [this](descriptor socket, const pending_peer_ptr& pending_peer) {
                let_in(std::move(socket), pending_peer);
              }},
    thread_{[this] { run(); }} {
  close_mailbox_at_end(basp_);
}

basp_transport::~basp_transport() {
  stop();
}

caf::expected<uint16_t> basp_transport::listen(const std::string& address,
                                               caf::actor membership) {
  auto where = base::parse_address(address);
  if (!where)
    return make_error(errc::cannot_listen,
                      address + " is not of the form HOST:PORT");
  using result = caf::expected<uint16_t>;
  auto task = std::make_shared<std::packaged_task<result()>>(
    [this, where, membership] { return open(*where, membership); });
  if (!post([task] { (*task)(); }))
    return make_error(errc::cannot_listen, "stopped");
  return task->get_future().get();
}

void basp_transport::dial(const std::string& address, caf::actor asks) {
  if (auto where = base::parse_address(address))
    send_for({*where, address, std::move(asks)});
  else
    fail({{}, address, std::move(asks)}, "not of the form HOST:PORT");
}

void basp_transport::stop() {
  {
    std::lock_guard guard{mutex_};
    if (std::exchange(stopped_, true))
      return;
  }
  asio::post(io_, [this] { close(); });
  thread_.join();
  basp_ = nullptr;
}

/// Runs `job` on the transport's thread; before `close` if it is posted before
/// `stop`.
template <class F>
bool basp_transport::post(F job) {
  std::lock_guard guard{mutex_};
  if (stopped_)
    return false;
  asio::post(io_, std::move(job));
  return true;
}

void basp_transport::run() {
  for (;;)
    try {
      io_.run();
      return;
    } catch (const std::exception& x) {
      log_limited(log_level::error, {.category = "cluster-port"},
                  std::string{"cluster: "} + x.what());
    }
}

/// Returns why TLS is configured but not usable; empty otherwise.
std::string basp_transport::problem() {
  return tls_ && !tls_context_.current() ? tls_context_.problem()
                                         : std::string{};
}

// -- outbound connections -----------------------------------------------------

void basp_transport::send_for(const dial_request& x) {
  auto then = [=, this](descriptor socket, const std::string& why) {
    if (why.empty())
      connected(x, std::move(socket));
    else
      fail(x, why);
  };
  if (!post(
        [=, this] { dialer_.dial(x.where.host, x.where.port, x.own, then); }))
    fail(x, "this node stops");
}

void basp_transport::connected(dial_request x, descriptor socket) {
  error_code ec;
  x.at = remote_end(socket, ec); // Empty if the peer has closed already.
  using side = basp_link::side;
  if (!tls_)
    return introduce(x, make_link(system_, std::move(socket), side::client,
                                  max_payload_));
  if (auto why = problem(); !why.empty())
    return fail(x, why);
  auto then = [=, this](descriptor secured, tls_session_ptr session,
                        const std::string& why) {
    if (why.empty())
      introduce(x, make_link(system_, std::move(secured), std::move(session),
                             side::client, max_payload_));
    else
      fail(x, "TLS: " + why);
  };
  greeting(std::move(socket), std::move(then))
    ->start(tls_context_.current(), tls_handshake::side::client);
}

void basp_transport::introduce(const dial_request& x,
                               const basp_link_ptr& link) {
  std::function<void(dial_request)> again
    = [weak = weak_from_this()](dial_request next) {
        if (auto self = weak.lock())
          self->send_for(next);
        else
          fail(next, "this node stops");
      };
  system_.spawn<caf::hidden>(meet, basp_, link, x, again);
}

std::shared_ptr<tls_handshake>
basp_transport::greeting(descriptor socket, tls_handshake::receiver then) {
  greetings_.remove_if([](const auto& x) { return x.expired(); });
  auto result = std::make_shared<tls_handshake>(io_, std::move(socket),
                                                std::move(then));
  greetings_.push_back(result);
  return result;
}

// -- inbound connections ------------------------------------------------------

caf::expected<uint16_t> basp_transport::open(const base::address& where,
                                             const caf::actor& membership) {
  if (membership_)
    return make_error(errc::cannot_listen, "already listening");
  if (auto why = problem(); !why.empty())
    return make_error(errc::cannot_listen, why);
  auto result = acceptor_.open(where.host, where.port);
  if (result) {
    membership_ = membership;
    port_ = *result;
  }
  return result;
}

void basp_transport::let_in(descriptor socket,
                            const pending_peer_ptr& pending_peer) {
  set_patience(socket, patience_);
  if (!tls_)
    return admit(make_link(system_, std::move(socket), basp_link::side::server,
                           max_payload_),
                 pending_peer);
  if (auto why = problem(); !why.empty()) {
    log_limited(log_level::warning, {"cluster-port", {}, pending_peer->remote},
                "cannot accept other nodes: " + why);
    return;
  }
  auto then = [=, this](descriptor secured, tls_session_ptr session,
                        const std::string& failure) {
    if (failure.empty())
      admit(make_link(system_, std::move(secured), std::move(session),
                      basp_link::side::server, max_payload_),
            pending_peer);
    else
      log_peer("cluster-port", pending_peer->remote,
               "refused as a node: " + failure);
  };
  auto x = greeting(std::move(socket), std::move(then));
  pending_peer->close = [weak = std::weak_ptr{x}] {
    if (auto handshake = weak.lock())
      handshake->give_up("out of time");
  };
  x->start(tls_context_.current(), tls_handshake::side::server);
}

void basp_transport::admit(const basp_link_ptr& link,
                           const pending_peer_ptr& pending_peer) {
  pending_peer->close = [link] { link->hang_up_unless_met(); };
  caf::anon_send(basp_, caf::publish_atom_v, caf::io::scribe_ptr{link}, port_,
                 caf::actor_cast<caf::strong_actor_ptr>(membership_),
                 std::set<std::string>{});
}

void basp_transport::close() {
  acceptor_.close();
  dialer_.close("this node stops");
  for (auto& x : std::exchange(greetings_, {}))
    if (auto greeting = x.lock())
      greeting->give_up("this node stops");
  if (membership_)
    caf::anon_send(basp_, caf::unpublish_atom_v, membership_.address(), port_);
  membership_ = nullptr;
  work_.reset();
}

} // namespace

void load_basp(caf::actor_system_config& cfg, const cluster_config& cluster) {
  cfg.load<caf::io::middleman>();
  // Deserializes messages in the thread that receives them. CAF's helpers would
  // run on threads that handlers may block, and all later messages would wait
  // for them.
  cfg.set("middleman.workers", uint64_t{0});
  cfg.set("middleman.heartbeat-interval", cluster.heartbeat);
  cfg.set("middleman.connection-timeout", cluster.timeout);
  // Otherwise BASP processes its complete mailbox before it reads from a socket
  // again.
  if (!caf::get_if<uint64_t>(&cfg, "scheduler.max-throughput"))
    cfg.set("scheduler.max-throughput", uint64_t{100});
  auto id = "troupe 1 " + cluster.name;
  cfg.set("middleman.app-identifiers", std::vector<std::string>{id});
}

std::shared_ptr<actors::cluster_transport>
make_basp_transport(caf::actor_system& sys, const cluster_config& cluster,
                    dialer::resolver resolve) {
  return std::make_shared<basp_transport>(sys, cluster, std::move(resolve));
}

} // namespace troupe::net
