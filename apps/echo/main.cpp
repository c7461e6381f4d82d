#include <troupe/troupe.hpp>

using troupe::close_code;
using troupe::connection;
using troupe::frame;

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    // Sends each message back to its sender.
    app.endpoint("/echo").on_connection([](connection& c) {
      c.on_message([](connection& me, const frame& x) { me.send(x); });
    });
    // Sends each message to everybody in the room, the sender too.
    app.endpoint("/rooms/*").on_connection([](connection& c) {
      if (auto err = c.join(c.request().wildcard()))
        c.disconnect(close_code::policy_violation, troupe::what(err));
      c.on_message([](connection& me, const frame& x) {
        me.to_room(me.request().wildcard()).send(x);
      });
    });
  });
}
