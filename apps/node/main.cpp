#include "chat/protocol.hpp"
#include "moderator.hpp"
#include "word_counter.hpp"

#include <troupe/troupe.hpp>

#include <string>
#include <vector>

namespace {

struct node_config : troupe::runtime_config {
  node_config() {
    opt_group{custom_options_, "node"} //
      .add(words, "words", "that nobody may use in the chat");
  }

  std::vector<std::string> words;
};

} // namespace

/// A node of the chat without a port for clients, which runs bots for the other
/// nodes.
int main(int argc, char** argv) {
  node_config cfg;
  return troupe::run(argc, argv, cfg, [&cfg](troupe::app& app) {
    app.without_port();
    auto settings = cfg.ws;
    settings.event_prefix = chat::event_prefix;
    const auto& registry = app.endpoint("/chat", settings).registry();
    auto& cluster = app.cluster();
    cluster.register_actor(
      "moderator", chat::spawn_moderator(app.system(), registry, cfg.words));
    cluster.register_actor("word-counter",
                           chat::spawn_word_counter(app.system(), registry));
  });
}
