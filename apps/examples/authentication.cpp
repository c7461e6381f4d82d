// Authentication: a connection needs a valid session cookie. Without one it is
// closed with code 1008 before any of its messages is read.

#include <troupe/troupe.hpp>

#include <map>
#include <string>

using troupe::connection;

namespace {

/// Sessions created by a login page: users by token.
const std::map<std::string, std::string> sessions{
  {"4d1f0a", "alice"},
  {"c07be2", "bob"},
};

/// Browsers send cookies with the handshake. Pages of other origins cannot
/// misuse them, since their handshakes are refused by default.
std::string token_of(const troupe::request& x) {
  constexpr std::string_view name = "; session=";
  auto cookies = "; " + std::string{x.header("Cookie")};
  auto begin = cookies.find(name);
  if (begin == std::string::npos)
    return {};
  begin += name.size();
  return cookies.substr(begin, cookies.find(';', begin) - begin);
}

void on_connection(connection& c) {
  auto session = sessions.find(token_of(c.request()));
  if (session == sessions.end()) {
    c.disconnect(troupe::close_code::policy_violation, "not logged in");
    return;
  }
  c.set_value("user", session->second);
  c.emit("welcome", session->second);
  c.on("say", [](connection& me, const std::string& text) {
    me.to(troupe::all).emit("said", me.value_string("user") + ": " + text);
  });
}

} // namespace

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    app.endpoint("/members").on_connection(on_connection);
  });
}
