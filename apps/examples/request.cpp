// A request to a detached actor: the handler sends it and returns. The response
// is handled in the connection later; its thread is not blocked.

#include <troupe/troupe.hpp>

using troupe::connection;

namespace {

/// Responds to an integer with its smallest divisor above 1, which may take
/// long.
caf::behavior divider() {
  return {[](int64_t n) -> caf::result<int64_t> {
    if (n < 2 || n > 10'000'000'000'000'000)
      return troupe::make_error(troupe::errc::invalid_value, "2 to 10^16");
    for (int64_t i = 2; i <= n / i; ++i)
      if (n % i == 0)
        return i;
    return n;
  }};
}

} // namespace

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    auto numbers = app.system().spawn<caf::detached>(divider);
    app.endpoint("/numbers").on_connection([numbers](connection& c) {
      c.on("divide", [numbers](connection& me, int64_t n) {
        me.self()
          .request(numbers, std::chrono::seconds{10}, n)
          .then([&me](int64_t divisor) { me.emit("divisor", divisor); },
                [&me](const caf::error& why) {
                  me.emit("failed", troupe::what(why));
                });
      });
      c.on("ping", [](connection& me) { me.emit("pong"); });
    });
  });
}
