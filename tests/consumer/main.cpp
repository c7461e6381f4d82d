// Ends well if an installed troupe compiles, links and serves.
#include <troupe/beast.hpp>
#include <troupe/troupe.hpp>

#include <cstdlib>
#include <iostream>

static_assert(troupe::version == PACKAGE_VERSION);

int main() {
  troupe::runtime_config cfg;
  caf::actor_system sys{cfg};
  troupe::server echo{sys};
  echo.on_connection([](troupe::connection& c) {
    c.on_message([](troupe::connection& me, const troupe::frame& x) {
      me.emit_message(x);
    });
  });
  troupe::listener http{sys, {.port = 0}};
  http.route("/echo", echo);
  if (auto port = http.start(); !port) {
    std::cerr << troupe::what(port.error()) << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
