#include "net/support/node.hpp"

#include "support/running.hpp"

#include <caf/event_based_actor.hpp>

namespace troupe::test {

using namespace std::chrono_literals;

namespace {

caf::behavior answer_texts(caf::event_based_actor*) {
  return {[](const std::string& text) { return "heard " + text; }};
}

} // namespace

node::config::config(const cluster_config& x) {
  threads = 1;
  net::load_basp(*this, x);
}

node::node(const cluster_config& x, net::dialer::resolver resolve)
  : cfg{x},
    sys{cfg},
    cluster_transport{net::make_basp_transport(sys, x, std::move(resolve))},
    entrance{sys.spawn(answer_texts)},
    cluster{x} {
}

node::~node() {
  cluster_transport->stop();
  caf::anon_send_exit(entrance, caf::exit_reason::user_shutdown);
}

cluster_config node::settings() {
  cluster_config result;
  result.listen = "127.0.0.1:0";
  result.heartbeat = 10s;
  result.timeout = 20s;
  return result;
}

std::string node::open() {
  auto port = cluster_transport->listen("127.0.0.1:0", entrance);
  if (!port)
    CAF_FAIL(what(port.error()));
  return "127.0.0.1:" + std::to_string(*port);
}

auto node::dial_all(const std::vector<std::string>& addresses)
  -> std::vector<std::pair<std::string, outcome>> {
  caf::scoped_actor self{sys};
  for (const auto& x : addresses)
    cluster_transport->dial(x, caf::actor_cast<caf::actor>(self));
  std::vector<std::pair<std::string, outcome>> result;
  for (size_t i = 0; i < addresses.size(); ++i)
    self->receive(
      [&](const actors::reached& x) {
        result.push_back({x.address, {x.membership, ""}});
      },
      [&](const actors::not_reached& x) {
        result.push_back({x.address, {nullptr, what(x.reason)}});
      },
      caf::after(patience) >> [] { CAF_FAIL("no answer"); });
  return result;
}

auto node::dial(const std::string& address) -> outcome {
  return dial_all({address}).front().second;
}

bool node::talks_to(const caf::actor& other) {
  caf::scoped_actor self{sys};
  bool result = false;
  self->request(other, patience, std::string{"hello"})
    .receive([&](const std::string& x) { result = x == "heard hello"; },
             [](const caf::error&) {});
  return result;
}

bool node::loses(const caf::actor& other) {
  caf::scoped_actor self{sys};
  self->monitor(other);
  bool result = false;
  self->receive([&](const caf::down_msg&) { result = true; },
                caf::after(patience) >> [] {});
  return result;
}

} // namespace troupe::test
