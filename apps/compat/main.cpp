#include "embedded/web.hpp"

#include <troupe/troupe.hpp>

using troupe::connection;

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    auto& endpoint = app.endpoint("/echo");
    endpoint.on_connection([](connection& c) {
      c.on("chat", [](connection& me, const std::string& message) {
        me.to(troupe::broadcast).emit("chat", message);
      });
    });
    app.serve_client("/iris-ws.js", endpoint, {.legacy_strings = true});
    app.serve_client("/troupe.mjs", endpoint);
    app.serve("/",
              {troupe::embedded::web::index_html, "text/html; charset=utf-8"});
  });
}
