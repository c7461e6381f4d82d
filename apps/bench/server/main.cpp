// The rooms of troupe-echo, which clients can leave and join again by the words
// `leave` and `join`; each is returned when done.
#include <troupe/troupe.hpp>

#include <tuple>

using troupe::connection;
using troupe::frame;

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    app.endpoint("/rooms/*").on_connection([](connection& c) {
      std::ignore = c.join(c.request().wildcard());
      c.on_message([](connection& me, const frame& x) {
        const auto& room = me.request().wildcard();
        if (x.payload() == "leave") {
          me.leave(room);
          me.emit_message(x);
        } else if (x.payload() == "join") {
          std::ignore = me.join(room);
          me.emit_message(x);
        } else {
          me.to_room(room).emit_message(x);
        }
      });
    });
  });
}
