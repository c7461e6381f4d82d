#include "net/runtime/node_id.hpp"

#include <caf/node_id.hpp>

#include <algorithm>
#include <random>

namespace troupe::net {

namespace {

caf::node_id random_node_id() {
  std::random_device random;
  caf::node_id::default_data::host_id_type host;
  std::generate(host.begin(), host.end(),
                [&] { return static_cast<uint8_t>(random()); });
  return caf::make_node_id(random() | 1u, host); // 0 is not a valid process id
}

class node_id_module final : public caf::actor_system::module {
public:
  explicit node_id_module(caf::actor_system& sys) : system_(sys) {
  }

  void start() override {
  }

  void stop() override {
  }

  /// Replaces the id that the middleman has set: modules are initialized in the
  /// order of their ids. Nothing has used that id yet, since all modules are
  /// initialized before the first one starts.
  void init(caf::actor_system_config&) override {
    const_cast<caf::node_id&>(system_.node()) = random_node_id();
  }

  /// The highest id; CAF 0.17 has no module with it.
  id_t id() const override {
    return network_manager;
  }

  void* subtype_ptr() override {
    return this;
  }

private:
  caf::actor_system& system_;
};

} // namespace

caf::actor_system::module* make_random_node_id(caf::actor_system& sys) {
  return new node_id_module(sys);
}

} // namespace troupe::net
