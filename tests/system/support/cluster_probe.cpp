/// A node for tests: clients join rooms and say things, and ask what the node
/// knows of the others.

#include <troupe/troupe.hpp>

#include <tuple>

#include <nlohmann/json.hpp>

using nlohmann::json;
using troupe::connection;

namespace {

json describe(const std::vector<troupe::node_info>& nodes) {
  auto res = json::array();
  for (const auto& x : nodes)
    if (x.state == troupe::link_state::up)
      res.push_back({{"name", x.name},
                     {"address", x.address},
                     {"queued_bytes", x.queued_bytes},
                     {"sent", x.sent},
                     {"received", x.received},
                     {"lost", x.lost},
                     {"cannot_see", x.cannot_see}});
  return res;
}

} // namespace

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    app.endpoint("/probe").on_connection([&app](connection& c) {
      c.on("join", [](connection& me, const std::string& room) {
        std::ignore = me.join(room);
        me.emit("joined", room);
      });
      c.on("leave", [](connection& me, const std::string& room) { //
        me.leave(room);
      });
      // `[room or id, what]`
      c.on("say", [](connection& me, const json& x) {
        me.to(x.at(0).get<std::string>()).emit("said", x.at(1));
      });
      c.on("id", [](connection& me) { me.emit("id", me.id()); });
      c.on("nodes", [&app](connection& me) {
        auto self = caf::actor_cast<caf::actor>(&me.self());
        app.cluster().nodes().then(
          me.self(), [self](const std::vector<troupe::node_info>& nodes) {
            if (auto x = troupe::encode("nodes",
                                        troupe::to_wire(describe(nodes)), "m:"))
              caf::anon_send(self, troupe::msg::emit{std::move(*x)});
          });
      });
    });
  });
}
