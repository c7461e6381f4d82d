#pragma once

#include "actors/seams/socket_layers.hpp"
#include "net/http/endpoint.hpp"
#include "net/http/http_port.hpp"
#include "net/runtime/scheduler.hpp"
#include "net/support/authority.hpp"
#include "net/support/client.hpp"
#include "troupe/runtime.hpp"

#include <caf/actor_system.hpp>

#include <boost/asio/post.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// Real sockets and workers without actors. Events of a socket are recorded.
namespace troupe::test {

using namespace std::chrono_literals;

/// An event that a session reports to its upper layer.
struct news {
  enum kind_type { opened, message, control, closed };
  kind_type kind = opened;
  std::string payload = {};
  bool is_binary = false;
  bool is_pong = false;
  close_info end = {};
};

/// What a test has not read yet. Thread-safe.
template <class T>
class queue {
public:
  void push(T x) {
    std::lock_guard guard{mutex_};
    queue_.push_back(std::move(x));
    changed_.notify_all();
  }

  /// Returns the next element. Waits for at most five seconds, then throws.
  T pop() {
    std::unique_lock guard{mutex_};
    if (!changed_.wait_for(guard, 5s, [this] { return !queue_.empty(); }))
      throw std::runtime_error("no news");
    auto result = std::move(queue_.front());
    queue_.pop_front();
    return result;
  }

  bool empty() {
    std::lock_guard guard{mutex_};
    return queue_.empty();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> queue_;
};

using news_queue = queue<news>;

/// Accepts upgraded sockets for a test. Must be set up before the port opens.
class fake_endpoint final : public net::endpoint {
public:
  using lower_layer = actors::lower_layer;

  const config& settings() const noexcept override {
    return cfg;
  }

  std::shared_ptr<actors::upper_layer>
  attach(std::shared_ptr<lower_layer> socket, request req,
         net::worker& event_loop) override;

  server_stats stats() const override {
    return numbers;
  }

  config cfg;
  server_stats numbers;
  bool refuses = false;
  bool echoes = false;
  bool wants_control = false;
  uint32_t credit = 1000;
  std::function<void(lower_layer&)> on_attach;
  std::function<void(lower_layer&)> on_control;

  news_queue log;

  /// Valid after `opened`.
  std::weak_ptr<lower_layer> last_socket;
  std::vector<std::weak_ptr<lower_layer>> sockets;
  std::vector<net::worker*> event_loops; ///< Their threads.
  request last_request;
  net::worker* last_home = nullptr;

  std::atomic<int> inboxes = 0;
  std::atomic<uint64_t> dropped = 0;
  std::atomic<uint64_t> conflated = 0;

private:
  std::mutex mutex_;
};

/// Records the events of a socket, and echoes messages if requested.
class fake_upper_layer final : public actors::upper_layer {
public:
  fake_upper_layer(std::shared_ptr<actors::lower_layer> socket,
                   fake_endpoint& owner)
    : socket_{std::move(socket)},
      owner_{owner} {
  }

  void on_frame(frame message) override {
    if (owner_.echoes) {
      socket_->grant(1);
      socket_->send(message.wire());
    }
    owner_.log.push(
      {news::message, std::string{message.payload()}, message.is_binary()});
  }

  bool on_control(bool is_pong, std::string_view payload) override {
    if (owner_.on_control)
      owner_.on_control(*socket_);
    owner_.log.push({news::control, std::string{payload}, false, is_pong});
    return owner_.wants_control;
  }

  void on_overflow(uint64_t dropped, uint64_t conflated) override {
    owner_.dropped += dropped;
    owner_.conflated += conflated;
  }

  void on_close(close_info info) override {
    socket_.reset();
    owner_.log.push({news::closed, {}, false, false, std::move(info)});
  }

private:
  std::shared_ptr<actors::lower_layer> socket_;
  fake_endpoint& owner_;
};

inline std::shared_ptr<actors::upper_layer>
fake_endpoint::attach(std::shared_ptr<lower_layer> socket, request req,
                      net::worker& event_loop) {
  std::lock_guard guard{mutex_};
  if (refuses)
    return nullptr;
  if (on_attach)
    on_attach(*socket);
  last_socket = socket;
  sockets.push_back(socket);
  event_loops.push_back(&event_loop);
  last_request = std::move(req);
  last_home = &event_loop;
  socket->grant(credit);
  auto result = std::make_shared<fake_upper_layer>(std::move(socket), *this);
  log.push({news::opened});
  return result;
}

/// A runtime with two workers and a port with an endpoint at /ws.
struct socket_stage {
  struct two_threads : runtime_config {
    two_threads() {
      threads = 2;
    }
  };

  listener_config port_cfg{.port = 0, .allowed_hosts = {"*"}};
  net::routes routes;
  std::shared_ptr<fake_endpoint> ws = std::make_shared<fake_endpoint>();
  two_threads sys_cfg;
  caf::actor_system sys{sys_cfg};
  std::shared_ptr<net::http_port> door;
  uint16_t port = 0;

  /// With TROUPE_TEST_TLS in the environment, the port and all clients use TLS.
  socket_stage() {
    if (std::getenv("TROUPE_TEST_TLS") == nullptr)
      return;
    static const authority files{"localhost"};
    port_cfg.tls.certificates = {files.certificate("localhost")};
    port_cfg.tls.keys = {files.key("localhost")};
    client::tls_by_default = {.ca = files.ca(), .tolerates_truncation = true};
  }

  /// Ends all connections: a session and its upper layer keep each other alive.
  ~socket_stage() {
    if (door)
      door->close();
    for (size_t i = 0; i < ws->sockets.size(); ++i) // Each on its thread.
      boost::asio::post(ws->event_loops[i]->io(), [x = ws->sockets[i]] {
        if (auto socket = x.lock())
          socket->close(close_code::going_away, "");
      });
    while (auto n = ws->inboxes.load())
      ws->inboxes.wait(n);
  }

  /// Opens the port with the current settings.
  void open() {
    routes.add("/ws", ws);
    door = make_door();
    port = door->open().value();
  }

  std::shared_ptr<net::http_port> make_door() {
    net::http_port::workers event_loops;
    for (const auto& x : net::scheduler::of(sys)->workers())
      event_loops.push_back(x.get());
    return std::make_shared<net::http_port>(port_cfg, routes, event_loops);
  }

  /// Returns a client that has completed its handshake.
  client connect(std::string_view path = "/ws", int receive_buffer = 0) {
    client result{port, "127.0.0.1", receive_buffer};
    auto head = result.upgrade(path);
    if (status(head) != "101")
      throw std::runtime_error("no upgrade: " + head);
    if (ws->log.pop().kind != news::opened)
      throw std::runtime_error("not opened");
    return result;
  }

  /// Runs `f(lower_layer)` on the thread of the last socket.
  /// @returns what `f` returns.
  template <class F>
  auto with_socket(F f) {
    auto socket = ws->last_socket.lock();
    std::packaged_task<decltype(f(*socket))()> task{[&] { return f(*socket); }};
    auto result = task.get_future();
    boost::asio::post(ws->last_home->io(), [&task] { task(); });
    return result.get();
  }

  /// Waits until the last socket has closed.
  close_info wait_for_close() {
    for (;;)
      if (auto x = ws->log.pop(); x.kind == news::closed)
        return x.end;
  }
};

} // namespace troupe::test
