// A bridge: enters one room on each of two servers (chat.cpp is one) as a
// client. What is said in one room, it says in the other.

#include <troupe/troupe.hpp>

#include <stdexcept>
#include <string>

using troupe::ws_client;

namespace {

constexpr auto name = "bridge";

struct settings : troupe::runtime_config {
  settings() {
    opt_group{custom_options_, "bridge"}
      .add(left, "left", "URL of a room, such as ws://HOST/rooms/lobby")
      .add(right, "right", "URL of the other room");
  }

  std::string left;
  std::string right;
};

struct line {
  std::string name;
  std::string text;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(line, name, text)

ws_client enter(troupe::app& app, std::string url) {
  auto result = ws_client::connect(
    app.system(), {.url = std::move(url), .owner = app.lifeline()},
    [](ws_client& c) { c.keep("name", name); });
  if (!result)
    throw std::runtime_error{troupe::what(result.error())};
  return *result;
}

void relay(ws_client& from, ws_client to) {
  from.on("said", [to](const line& x) mutable {
    if (x.name != name) // Otherwise the room hears itself.
      to.emit("say", x.name + ": " + x.text);
  });
}

} // namespace

int main(int argc, char** argv) {
  settings cfg;
  return troupe::run(argc, argv, cfg, [&cfg](troupe::app& app) {
    app.without_port();
    auto left = enter(app, cfg.left);
    auto right = enter(app, cfg.right);
    relay(left, right);
    relay(right, left);
  });
}
