#include "world.hpp"

#include "net/runtime/scheduler.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <limits>
#include <stdexcept>
#include <tuple>

namespace troupe::growth {

namespace {

/// Ids do not depend on the request, which is empty.
std::string next_id(const request&) {
  static std::atomic<size_t> last = 0;
  return "client-" + std::to_string(++last);
}

void prepare(connection& c) {
  c.on("join",
       [](connection& me, const std::string& x) { std::ignore = me.join(x); });
  c.on("leave", [](connection& me, const std::string& x) { me.leave(x); });
  c.on("say", [](connection& me, const std::string& x) {
    me.to_room(x).emit_message("hello");
  });
  c.on_message([](connection& me, const frame& x) { me.emit_message(x); });
}

} // namespace

settings::settings(size_t worker_threads, std::vector<std::string> options) {
  constexpr auto unlimited = std::numeric_limits<uint32_t>::max();
  threads = worker_threads;
  slow_handler = std::chrono::hours{1};
  log.level = log_level::error;
  ws.id_generator = next_id;
  ws.max_rooms = unlimited;
  ws.max_rooms_per_connection = unlimited;
  ws.max_unread_batches = unlimited;
  ws.max_unread_bytes = unlimited;
  ws.max_output_bytes = unlimited;
  ws.max_backlog_bytes = unlimited;
  cluster.timeout = std::chrono::hours{1};
  if (auto err = read(std::move(options)))
    throw std::runtime_error{what(err)};
}

world::world(size_t threads, std::vector<std::string> options)
  : settings_(threads, std::move(options)),
    system_(settings_),
    server_(system_, settings_.ws),
    cluster_(system_, settings_.cluster),
    actors_(system_, counts_) {
  server_.on_connection(prepare);
  caf::anon_send(registry(), msg::subscribe{actors_.spawn()});
  cluster_.add("growth", server_);
  caf::anon_send(cluster_.handle(), subscribe_nodes{actors_.spawn()});
  auto port = cluster_.start();
  if (!port)
    throw std::runtime_error{what(port.error())};
  port_ = *port;
}

std::vector<std::string> world::listening() {
  return {"--cluster.listen=127.0.0.1:0"};
}

std::vector<std::string> world::joining(uint16_t port) {
  return {"--cluster.join=127.0.0.1:" + std::to_string(port)};
}

void world::sync() {
  caf::scoped_actor self{system_};
  auto failed = [](const caf::error&) {};
  self->request(registry(), caf::infinite, msg::total_connections{})
    .receive([](uint64_t) {}, failed);
  self->request(cluster_.handle(), caf::infinite, nodes{})
    .receive([](const std::vector<node_info>&) {}, failed);
}

std::shared_ptr<client> world::connect() {
  return connect(1).front();
}

std::vector<std::shared_ptr<client>> world::connect(size_t n) {
  auto& threads = *net::scheduler::of(system_);
  std::vector<std::shared_ptr<client>> result;
  for (size_t i = 0; i < n; ++i)
    result.push_back(client::connect(server_, threads.next_worker()));
  return result;
}

std::string name_of(size_t index) {
  return "name-" + std::to_string(index);
}

} // namespace troupe::growth
