// Questions and answers: an auction. A client asks and is answered, joins a
// room by itself, and is asked by the server.

#include <troupe/troupe.hpp>

#include <atomic>
#include <memory>

using troupe::connection;
using troupe::reply;

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    auto& auction = app.endpoint("/auction");
    // Clients may join this room; only the server publishes in it.
    auction.rooms("bids");
    auto highest = std::make_shared<std::atomic<int>>(0);
    auction.on_connection([highest](connection& c) {
      c.on("price", [highest] { return highest->load(); });
      // The result is the answer: a value, or why there is none.
      c.on("bid", [highest](connection& me, int price) -> reply<int> {
        auto before = highest->load();
        do {
          if (price <= before)
            return troupe::refuse("too_low",
                                  "more than " + std::to_string(before));
        } while (!highest->compare_exchange_weak(before, price));
        me.to_room("bids").emit("highest", price);
        return price;
      });
      // A responder answers later: here, when the client has confirmed.
      c.on("buy", [](connection& me, troupe::responder<std::string> buyer) {
        me.request<bool>("sure", "really?", [buyer](const reply<bool>& sure) {
          if (sure && *sure)
            buyer.answer("sold");
          else
            buyer.refuse(troupe::refuse("changed_mind"));
        });
      });
    });
  });
}
