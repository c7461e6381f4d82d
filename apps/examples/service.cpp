// A service: a detached actor answers the requests of all clients. It may block
// its own thread; the threads of connections go on meanwhile.

#include <troupe/troupe.hpp>

#include <map>
#include <string>
#include <thread>

using troupe::msg::answer;
using troupe::msg::question;

namespace {

/// Looks up prices.
caf::behavior price_list() {
  const std::map<std::string, double> prices{{"tea", 2.5}, {"milk", 1}};
  return {[prices](const question& x) -> caf::result<answer> {
    auto name = x.value<std::string>();
    if (!name)
      return troupe::refuse_with(troupe::refuse("invalid"));
    // Placeholder for a query of a database.
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    auto price = prices.find(*name);
    if (price == prices.end())
      return troupe::refuse_with(troupe::refuse("unknown", *name));
    return troupe::answer_with(price->second);
  }};
}

} // namespace

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    auto& shop = app.endpoint("/shop");
    auto prices = app.system().spawn<caf::detached>(price_list);
    shop.serve("price", prices, {.timeout = std::chrono::seconds{5}});
    // A function serves what takes no time.
    shop.serve("items", [] { return std::vector{"tea", "milk"}; });
  });
}
