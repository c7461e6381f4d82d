// A bot: an actor that joins a room, receives its messages and responds to
// "!count" with their number.

#include <troupe/troupe.hpp>

using troupe::connection;

namespace {

class bot : public caf::event_based_actor {
public:
  bot(caf::actor_config& cfg, const troupe::server& endpoint)
    : caf::event_based_actor(cfg),
      registry_(endpoint.registry()),
      prefix_(endpoint.settings().event_prefix),
      out_(endpoint.publisher_for(*this)) {
    link_to(registry_); // The bot terminates with the server.
    send(registry_, troupe::msg::join{"lobby", this});
  }

  caf::behavior make_behavior() override {
    set_default_handler(caf::drop); // Ignores joined, room_down and the like.
    return {[this](const troupe::msg::deliver& x) {
      x.messages.for_each(id(), [this](const troupe::frame& message) {
        if (auto event = troupe::decode(message.payload(), prefix_))
          hear(event->body);
      });
    }};
  }

private:
  void hear(const nlohmann::json& text) {
    if (text == "!count")
      out_.to_room("lobby").except_me().emit("say", std::to_string(count_));
    else
      ++count_;
  }

  caf::actor registry_;
  std::string prefix_;
  troupe::publisher out_;
  size_t count_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    auto& endpoint = app.endpoint("/chat");
    app.system().spawn<bot>(endpoint);
    endpoint.on_connection([](connection& c) {
      c.join("lobby");
      c.on("say", [](connection& me, const std::string& text) {
        me.to_room("lobby").emit("say", text);
      });
    });
  });
}
