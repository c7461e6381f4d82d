// Authentication: a client needs a valid session cookie to connect. Without one
// its handshake is refused with status 401.

#include <troupe/troupe.hpp>

#include <map>
#include <string>

using troupe::connection;

namespace {

struct user {
  std::string name;
};

/// Sessions created by a login page: users by token.
const std::map<std::string, std::string, std::less<>> sessions{
  {"4d1f0a", "alice"},
  {"c07be2", "bob"},
};

/// Browsers send cookies with the handshake. Pages of other origins cannot
/// misuse them, since their handshakes are refused by default.
void authorize(const troupe::request& x, const troupe::decision& decide) {
  auto session = sessions.find(x.cookie("session"));
  if (session == sessions.end())
    decide.refuse(401, "not logged in\n");
  else
    decide.accept(user{session->second});
}

void on_connection(connection& c) {
  c.emit("welcome", c.principal<user>()->name);
  c.on("say", [](connection& me, const std::string& text) {
    const auto& name = me.principal<user>()->name;
    me.to(troupe::all).emit("said", name + ": " + text);
  });
}

} // namespace

int main(int argc, char** argv) {
  troupe::runtime_config cfg;
  cfg.ws.authorize = authorize;
  return troupe::run(argc, argv, cfg, [](troupe::app& app) {
    app.endpoint("/members").on_connection(on_connection);
  });
}
