// Echo: returns each message and each event named "say" to its sender.

#include <troupe/troupe.hpp>

using troupe::connection;

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    app.endpoint("/echo").on_connection([](connection& c) {
      c.on("say",
           [](connection& me, const nlohmann::json& x) { me.emit("say", x); });
      c.on_message([](connection& me, const troupe::frame& x) { me.send(x); });
    });
  });
}
