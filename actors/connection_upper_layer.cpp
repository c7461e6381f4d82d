#include "actors/connection_upper_layer.hpp"

#include "actors/connection_actor.hpp"

#include <caf/send.hpp>

#include <utility>

namespace troupe::actors {

namespace {

class connection_upper_layer final : public upper_layer {
public:
  explicit connection_upper_layer(caf::actor to) : to_(std::move(to)) {
  }

  void on_frame(frame message) override {
    // Keeps the actor alive: a connection that terminates in `read_here`
    // releases its socket, and with it this object.
    auto to = to_;
    if (!connection().read_here(message))
      caf::anon_send(to, inbound{std::move(message)});
  }

  bool on_control(bool is_pong, std::string_view payload) override {
    if (!connection().hears(is_pong))
      return false;
    caf::anon_send(to_, inbound_control{is_pong, std::string{payload}});
    return true;
  }

  void on_overflow(uint64_t dropped, uint64_t conflated) override {
    caf::anon_send(to_, inbound_overflow{dropped, conflated});
  }

  void on_close(close_info info) override {
    caf::anon_send(to_, inbound_end{std::move(info)});
  }

private:
  connection_actor& connection() const {
    auto* actor = caf::actor_cast<caf::abstract_actor*>(to_);
    return *static_cast<connection_actor*>(actor);
  }

  caf::actor to_;
};

} // namespace

std::shared_ptr<upper_layer> make_upper_layer(caf::actor connection) {
  return std::make_shared<connection_upper_layer>(std::move(connection));
}

} // namespace troupe::actors
