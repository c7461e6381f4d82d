// Two nodes in one process; rooms and ids span both. One is the app, the other
// is built from its parts, as in tests of a cluster.

#include <troupe/troupe.hpp>

#include <csignal>
#include <iostream>
#include <string>

namespace {

void on_connection(troupe::connection& c) {
  c.join("lobby");
  c.on("say", [](troupe::connection& me, const std::string& text) {
    me.to_room("lobby").emit("say", text);
  });
}

struct other_node {
  /// @returns the port for other nodes.
  caf::expected<uint16_t> start() {
    if (err)
      return err;
    chat.on_connection(on_connection);
    http.route("/chat", chat);
    cluster.add("/chat", chat); // Connected to the app's endpoint of this name.
    if (auto port = http.start(); !port)
      return port;
    return cluster.start();
  }

  troupe::runtime_config cfg;
  caf::error err = cfg.read({"--port=0", "--cluster.listen=127.0.0.1:0"});
  caf::actor_system sys{cfg};
  troupe::server chat{sys, cfg.ws};
  troupe::cluster cluster{sys, cfg.cluster};
  troupe::listener http{sys, cfg.http};
};

} // namespace

int main(int argc, char** argv) {
  sigset_t signals; // `run` handles them; block them in all earlier threads.
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  other_node other;
  auto port = other.start();
  if (!port) {
    std::cerr << "error: " << troupe::what(port.error()) << std::endl;
    return EXIT_FAILURE;
  }
  troupe::runtime_config cfg;
  cfg.cluster.join = {"127.0.0.1:" + std::to_string(*port)};
  return troupe::run(argc, argv, cfg, [&other](troupe::app& app) {
    app.endpoint("/chat").on_connection(on_connection);
    troupe::log(troupe::log_level::info, "other node at " + other.http.url());
  });
}
