/// A server whose handlers use connections where they must not.

#include <troupe/troupe.hpp>

#include <caf/actor.hpp>

#include <optional>
#include <string>
#include <thread>

using troupe::connection;

namespace {

/// What a careless program keeps of a connection. The handle makes it the one
/// kind of mistake that can be seen: the actor is there, its callback is not.
struct keepsake {
  caf::actor handle;
  connection* inside = nullptr;
  std::optional<troupe::emitter> room;
};

keepsake kept;

void keep(connection& me) {
  kept = {me.handle(), &me, me.to_room("x")};
}

std::string words(const caf::error& err) {
  return err ? troupe::what(err) : "done";
}

void on_other_thread(connection& me) {
  caf::error result;
  std::thread{[&] { result = me.emit("news", "x"); }}.join();
  me.emit("result", words(result));
}

void serve(connection& c) {
  c.on("keep", keep);
  c.on("me", [](connection& me) { me.emit("result", "done"); });
  c.on("thread", on_other_thread);
  c.on("emit", [](connection& me) {
    me.emit("result", words(kept.inside->emit("news", "x")));
  });
  c.on("emitter", [](connection& me) {
    me.emit("result", words(kept.room->emit("news", "x")));
  });
  c.on("join", [](connection& me) {
    me.emit("result", words(kept.inside->join("elsewhere")));
  });
  c.on("values", [](connection& me) {
    kept.inside->set_value("x", 1);
    me.emit("result", kept.inside->value_int("x") == 0 ? "nothing" : "done");
  });
  c.on("subprotocol", [](connection& me) {
    me.emit("result", "'" + kept.inside->subprotocol() + "'");
  });
}

} // namespace

int main(int argc, char** argv) {
  troupe::runtime_config cfg;
  return troupe::run(argc, argv, cfg, [](troupe::app& app) {
    app.endpoint("/probe").on_connection(serve);
  });
}
