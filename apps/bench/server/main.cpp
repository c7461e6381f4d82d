// What clients of troupe-echo cannot do: they leave a room and join it again by
// the words `leave` and `join`, each of which is returned when done, and have
// requests answered.
#include <troupe/troupe.hpp>

#include <string>
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
    // Answers the request `m` with its value.
    app.endpoint("/requests").on_connection([](connection& c) {
      c.on("m", [](connection&, const std::string& x) { return x; });
    });
  });
}
