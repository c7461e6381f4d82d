#include "behaviors.hpp"
#include "directory.hpp"
#include "page.hpp"

#include <troupe/troupe.hpp>

int main(int argc, char** argv) {
  troupe::runtime_config cfg;
  return troupe::run(argc, argv, cfg, [&cfg](troupe::app& app) {
    auto settings = cfg.ws;
    // The directory uses this prefix only.
    settings.event_prefix = chat::event_prefix;
    auto& endpoint = app.endpoint("/chat", settings);
    auto directory
      = chat::spawn_directory(app.system(), endpoint.registry(),
                              troupe::node_name(app.system().node()));
    caf::anon_send(app.cluster().handle(), troupe::subscribe_nodes{directory});
    endpoint.on_connection([directory](troupe::connection& c) {
      auto me = std::make_shared<chat::guest>();
      me->directory = directory;
      chat::nickname(c, me);
      chat::rooms(c, me);
      chat::talk(c, me);
      chat::typing(c, me);
      chat::whispers(c, me);
      chat::manners(c, me);
    });
    chat::serve_page(app);
    app.serve_client("/troupe.mjs", endpoint);
  });
}
